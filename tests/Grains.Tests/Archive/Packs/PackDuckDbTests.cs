using CsCheck;
using DuckDB.NET.Data;
using Rollbook.Archive;
using Rollbook.Testing;
using Xunit;

namespace Rollbook.Grains.Tests.Archive;

/// <summary>The files are a data set without us: another engine reads every column of them.</summary>
public sealed class PackDuckDbTests : IDisposable
{
    private readonly TempDirectory _directory = new();
    private readonly DuckDBConnection _duckDb = new("Data Source=:memory:");

    public PackDuckDbTests() => _duckDb.Open();

    public void Dispose()
    {
        _duckDb.Dispose();
        _directory.Dispose();
    }

    [Fact]
    public void Steps_InDuckDb_AreWhatWasRecorded()
    {
        List<PackedStep> packed =
        [
            PackSteps.Step(1, 0, """{"step_number":7,"timestamp":1763890000.25,"action_type":"edit\n\"ü\"","observation_snapshot":{"exit_code":1,"big":1e400},"reward":1.0,"done":true}""", 1, 4, 2),
            PackSteps.Step(1, 1, """{"action_type":"run","security_flags":["net","\u00e9"],"extra":{"k":2},"file_diff":{"path":"x"},"cumulative_reward":1.50}"""),
            PackSteps.Step(2, 0, """{"action_type":"run","security_flags":[],"observation_snapshot":null,"thought":"nul \u0000 in it"}"""),
        ];
        var file = Save("steps", PackSteps.Write(packed, new PackTuning { GroupRows = 2 }));

        Assert.Equal(3L, Scalar($"SELECT count(*) FROM '{file}'"));
        Assert.Equal(2L, Scalar($"SELECT count(DISTINCT episode_id) FROM '{file}'"));
        Assert.Equal("edit\n\"ü\"", Scalar($"SELECT action_type FROM '{file}' WHERE step_number = 7"));
        Assert.Equal("1", Scalar($"SELECT observation::JSON->>'exit_code' FROM '{file}' WHERE ordinal = 0 AND done"));
        Assert.Equal("null", Scalar($"SELECT observation FROM '{file}' WHERE episode_id = '{PackSteps.Episode(2)}'"));
        Assert.Equal(1L, Scalar($"SELECT count(*) FROM '{file}' WHERE (extra::JSON->>'k') = '2' AND (file_diff::JSON->>'path') = 'x' AND cumulative_reward = 1.5"));
        Assert.Equal("é", Scalar($"SELECT security_flags[2] FROM '{file}' WHERE ordinal = 1"));
        Assert.Equal(1L, Scalar($"SELECT count(*) FROM '{file}' WHERE len(security_flags) = 0"));
        Assert.Equal(1L, Scalar($"SELECT count(*) FROM '{file}' WHERE security_flags IS NULL"));
        Assert.Equal("nul \0 in it", Scalar($"SELECT thought FROM '{file}' WHERE thought IS NOT NULL"));
        Assert.Equal(1763890000.25, Scalar($"SELECT max(timestamp) FROM '{file}'"));
        Assert.Equal("1763890000000000 1 4 2 " + PackSteps.Log, Scalar($"SELECT concat_ws(' ', received_at, term, chunk, place, log) FROM '{file}' WHERE step_number = 7"));
        Assert.Equal(Convert.ToHexString(packed[0].Entry.Span.Slice(8, 16)), Scalar($"SELECT hex(hash) FROM '{file}' WHERE step_number = 7"));
        Assert.Equal("f", Scalar($"SELECT exact FROM '{file}' WHERE step_number = 7"));
    }

    [Fact]
    public void Steps_OfAnyKind_AreTheSameInDuckDb()
    {
        var rows = 0;
        Gen.Select(StepGen.Step.Array[40, 60], Gen.Int).Sample(
            (steps, seed) =>
            {
                var packed = PackSteps.Spread(steps, new Random(seed));
                var file = Save($"any{seed}", PackSteps.Write(packed, new PackTuning { GroupRows = 16, PageBytes = 512 }));
                using var command = _duckDb.CreateCommand();
                command.CommandText = $"""
                    SELECT action_type, thought, reward, observation, len(security_flags), extra
                    FROM read_parquet('{file}', file_row_number = true) ORDER BY file_row_number
                    """;
                using var reader = command.ExecuteReader();
                foreach (var step in packed)
                {
                    Assert.True(reader.Read());
                    var line = StepEntry.Read(step.Entry.Span).Line.ToArray();
                    using var json = System.Text.Json.JsonDocument.Parse(line, new System.Text.Json.JsonDocumentOptions { MaxDepth = 300 });
                    Assert.Equal(json.RootElement.GetProperty("action_type").GetString(), reader.GetString(0));
                    Assert.Equal(Text(json, "thought"), reader.IsDBNull(1) ? null : reader.GetString(1));
                    if (json.RootElement.TryGetProperty("reward", out var reward) && reward.ValueKind == System.Text.Json.JsonValueKind.Number) Assert.Equal(reward.GetDouble(), reader.GetDouble(2));
                    Assert.Equal(json.RootElement.TryGetProperty("observation_snapshot", out var seen) ? seen.GetRawText() : null, reader.IsDBNull(3) ? null : reader.GetString(3));
                    Assert.Equal(json.RootElement.TryGetProperty("security_flags", out var flags) ? flags.GetArrayLength() : null, reader.IsDBNull(4) ? null : (int?)reader.GetInt64(4));
                    Assert.Equal(json.RootElement.TryGetProperty("extra", out var extra) ? extra.GetRawText() : null, reader.IsDBNull(5) ? null : reader.GetString(5));
                    rows++;
                }

                Assert.False(reader.Read());
                foreach (var column in new[] { "observation", "file_diff", "extra" })
                    Assert.Equal(0L, Scalar($"SELECT count(*) FROM '{file}' WHERE {column} IS NOT NULL AND TRY_CAST({column} AS JSON) IS NULL"));
                return true;
            },
            iter: 20,
            threads: 1);
        Figures.Report("packs", $"{rows} generated steps read by DuckDB: strings, numbers, JSON texts and lists as recorded");
    }

    [Fact]
    public void Steps_InAnyFile_TellWhereAnEpisodeLies()
    {
        var packed = Enumerable.Range(0, 40).Select(i => PackSteps.Step(i / 10, i % 10, """{"action_type":"a","thought":"b"}""")).ToList();
        var file = Save("statistics", PackSteps.Write(packed, new PackTuning { GroupRows = 10 }));

        Assert.Equal(
            string.Join(' ', Enumerable.Range(0, 4).Select(e => $"{PackSteps.Episode(e)}-{PackSteps.Episode(e)}")),
            Scalar($"SELECT string_agg(stats_min_value || '-' || stats_max_value, ' ' ORDER BY row_group_id) FROM parquet_metadata('{file}') WHERE path_in_schema = 'episode_id'"));
        Assert.Equal("0-9 0-9 0-9 0-9", Scalar($"SELECT string_agg(stats_min_value || '-' || stats_max_value, ' ' ORDER BY row_group_id) FROM parquet_metadata('{file}') WHERE path_in_schema = 'ordinal'"));
        Assert.Equal(0L, Scalar($"SELECT count(*) FROM parquet_metadata('{file}') WHERE path_in_schema = 'thought' AND stats_max_value IS NOT NULL"));
        Assert.Equal("1", Scalar($"SELECT decode(value) FROM parquet_kv_metadata('{file}') WHERE decode(key) = 'rollbook.format'"));
    }

    [Fact]
    public void EpisodesAndScores_InDuckDb_AreWhatWasRecorded()
    {
        var episodes = Save("episodes", PackRows.Write(PackRows.Episodes(), new PackTuning { GroupRows = 2 }));
        var scores = Save("scores", PackRows.Write(PackRows.Scores(), new PackTuning { GroupRows = 2 }));

        Assert.Equal("running,completed,lost", Scalar($"SELECT string_agg(status, ',' ORDER BY episode_id) FROM '{episodes}'"));
        Assert.Equal("pinned|ä", Scalar($"SELECT array_to_string(labels, '|') FROM '{episodes}' WHERE final_score = 0.75"));
        Assert.Equal(2L, Scalar($"SELECT count(*) FROM '{episodes}' WHERE len(labels) = 0"));
        Assert.Equal("2.5", Scalar($"SELECT metadata::JSON->'a'->>1 FROM '{episodes}' WHERE status = 'running'"));
        Assert.Equal(long.MinValue, Scalar($"SELECT min(seed) FROM '{episodes}'"));
        Assert.Equal(3L, Scalar($"SELECT count(*) FROM '{scores}'"));
        Assert.Equal(1L, Scalar($"SELECT count(*) FROM '{scores}' WHERE value = '-Infinity'::DOUBLE AND rationale = E'12 of 12\\npassed'"));
        Assert.Equal(2L, Scalar($"SELECT count(*) FROM '{scores}' s JOIN '{episodes}' e USING (episode_id) WHERE e.status = 'completed'"));
    }

    private static string? Text(System.Text.Json.JsonDocument json, string name) => json.RootElement.TryGetProperty(name, out var value) ? value.GetString() : null;

    private string Save(string name, byte[] file)
    {
        var path = Path.Combine(_directory.Path, name + ".parquet");
        File.WriteAllBytes(path, file);
        return path;
    }

    private object Scalar(string sql)
    {
        using var command = _duckDb.CreateCommand();
        command.CommandText = sql;
        return command.ExecuteScalar()!;
    }
}
