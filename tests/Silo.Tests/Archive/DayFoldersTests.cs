using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Configuration;

namespace Rollbook.Silo.Tests.Archive;

/// <summary>The store is the dataset: another program reads each ended episode's steps once from the folders of the days.</summary>
public sealed class DayFoldersTests
{
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(90);

    [Fact]
    public async Task DuckDb_OverTheDayFolders_HasEachEndedEpisodesStepsOnce()
    {
        using var directory = new TempDirectory();
        var expected = new Dictionary<string, List<string>>();
        string running;
        await using (var server = await SiloServer.StartAsync(directory.Path, InAHurry))
        {
            running = await server.BeginAsync("still");
            Assert.Equal(200, (await server.AppendAsync(running, 0, Step("running", 0))).Status);
            // One after another, so that they lie in several packs and compactions.
            for (var i = 0; i < 6; i++)
            {
                var id = await server.BeginAsync($"w{i}");
                expected[id] = [];
                for (var from = 0; from < 5 * i; from += 5)
                {
                    var batch = string.Join('\n', Enumerable.Range(from, 5).Select(n => Step($"w{i}", n)));
                    Assert.Equal(200, (await server.AppendAsync(id, from, batch, "application/x-ndjson")).Status);
                    // Some chunks apart.
                    Assert.Equal(200, (await server.AppendAsync(running, 1, Step("running", 1))).Status);
                }

                Assert.Equal(200, (await server.PostAsync($"/v1/episodes/{id}/end", $$"""{"final_score":0.5,"next_ordinal":{{5 * i}}}""")).Status);
                expected[id].AddRange((await server.LinesAsync(id)).Select(static line => Observation(line)));
                Assert.Equal(5 * i, expected[id].Count);
                if (i % 2 == 1) await SealedAsync(directory.Path, expected.Keys);
            }

            // A late score goes to where later rows are, not into the sealed files.
            await ScoreAsync(server, expected.Keys.First());
            await SealedAsync(directory.Path, expected.Keys);
        }

        using var folders = new DayFolders(directory.Path);
        Assert.Equal(expected.Keys.Order(StringComparer.Ordinal), folders.Episodes().Keys.Order(StringComparer.Ordinal));
        Assert.All(folders.Episodes().Values, static row => Assert.Equal((1, "completed"), row));
        var steps = folders.Steps();
        foreach (var (id, observations) in expected.Where(static e => e.Value.Count > 0))
        {
            Assert.Equal((observations.Count, observations.Count, observations.Count - 1), steps[id]);
            Assert.Equal(observations, folders.Observations(id));
        }

        Assert.Equal(expected.Count(static e => e.Value.Count > 0), steps.Count);
        Assert.DoesNotContain(running, steps.Keys);
    }

    // The files of a day are there a moment before the episode's header is moved to them: until then the recorder says to send it again.
    private static async Task ScoreAsync(SiloServer server, string id)
    {
        var begun = TimeProvider.System.GetTimestamp();
        int status;
        while ((status = (await server.PostAsync($"/v1/episodes/{id}/scores", """{"event_id":"s","name":"final","value":1,"source":"test"}""")).Status) == 503)
            Assert.True(TimeProvider.System.GetElapsedTime(begun) < Longest, "The score was not taken.");
        Assert.Equal(200, status);
    }

    private static void InAHurry(WebApplicationBuilder builder) => builder.Configuration.AddInMemoryCollection(
        new Dictionary<string, string?> { ["Rollbook:Archive:PackSeconds"] = "1", ["Rollbook:Archive:CompactSeconds"] = "1" });

    private static string Step(string worker, int ordinal) =>
        $$"""{"observation_snapshot":{"at":"{{worker}}/{{ordinal}}","n":1.50,"text":"\u00e4\n"},"action_type":"run","reward":0.10}""";

    private static string Observation(string line)
    {
        using var json = JsonDocument.Parse(line);
        return json.RootElement.GetProperty("observation_snapshot").GetRawText();
    }

    private static async Task SealedAsync(string data, IEnumerable<string> episodes)
    {
        using var folders = new DayFolders(data);
        var begun = TimeProvider.System.GetTimestamp();
        while (true)
        {
            try
            {
                if (folders.Exist && folders.Episodes() is var there && episodes.All(there.ContainsKey)) return;
            }
            catch (DuckDB.NET.Data.DuckDBException)
            {
                // The first file is being made.
            }

            Assert.True(TimeProvider.System.GetElapsedTime(begun) < Longest, "Not every ended episode was sealed.");
            await Task.Delay(TimeSpan.FromMilliseconds(200), TimeProvider.System, TestContext.Current.CancellationToken);
        }
    }
}
