using System.IO.Compression;
using System.Text.Json.Nodes;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Rollbook.Archive;
using Rollbook.Export;
using Rollbook.Query;
using Rollbook.Testing.Query;

namespace Rollbook.Silo.Tests.Http.Export;

/// <summary>Exports of what a filter finds, archived and live.</summary>
public sealed class FilteredExportTests : IAsyncLifetime
{
    private readonly TempDirectory directory = new();
    private readonly FakeSources sources = new();
    private EdgeServer server = null!;

    public async ValueTask InitializeAsync()
    {
        var rows = Enumerable.Range(0, 12).Select(i => Rows.Episode(i, score: i % 2)).ToList();
        sources.Projects["default"] = new QuerySource { Episodes = [ParquetFiles.Episodes(directory.Path, "a", rows.Take(6))], Live = rows[6..] };
        server = await EdgeServer.StartAsync(services => services.AddSingleton<IQuerySources>(sources));
        server.Episode.ReadCode = RollbookCode.EpisodeNotFound;
        foreach (var row in rows)
        {
            var episode = new FakeEpisode { Record = row.Record with { StepCount = 3, ScoreCount = 0 } };
            episode.Add(TestSteps.Range(row.Record.Key.Id.ToString(), 0, 3));
            server.Episodes[row.Record.Key.ToString()] = episode;
        }
    }

    public async ValueTask DisposeAsync()
    {
        await server.DisposeAsync();
        directory.Dispose();
    }

    [Theory]
    [InlineData("", new[] { 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11 })]
    [InlineData("&worker=host.1", new[] { 1, 4, 7, 10 })]
    [InlineData("&min_score=1&task=org/repo%231&group_id=g1&group_id=g2", new[] { 5, 7, 9, 11 })]
    [InlineData("&since=1700000004&until=1700000006", new[] { 4, 5 })]
    [InlineData("&label=pinned", new[] { 0, 5, 10 })]
    [InlineData("&task=nothing", new int[0])]
    public async Task Export_OfAFilter_HasThoseByTheirIds(string filter, int[] expected)
    {
        using var response = await server.Client.GetAsync("/v1/export?format=reference" + filter);

        Assert.Equal(expected.Select(i => Rows.Id(i).ToString()), Ids(await response.Content.ReadAsStringAsync()));
        Assert.Equal(("application/x-ndjson", "rollbook-export.reference.jsonl"), (response.Content.Headers.ContentType!.MediaType, response.Content.Headers.ContentDisposition!.FileName));
        Assert.Equal("true", Assert.Single(response.Headers.GetValues("Rollbook-Complete")));
    }

    [Fact]
    public async Task Export_AfterAnId_GoesOnBehindIt()
    {
        var all = await server.Client.GetStringAsync("/v1/export?format=jsonl&worker=host.1");
        var rest = await server.Client.GetStringAsync($"/v1/export?format=jsonl&worker=host.1&after={Rows.Id(4)}");

        Assert.EndsWith(rest, all, StringComparison.Ordinal);
        Assert.Equal(2 * 4, rest.Count(static letter => letter == '\n'));
    }

    [Fact]
    public async Task Export_OfWhatWasRecordedThisMoment_HasIt()
    {
        await server.Client.GetStringAsync("/v1/export?format=reference&task=nothing");
        var before = sources.Projects["default"];
        sources.Projects["default"] = before with { Live = before.Live.Take(2).ToList() };

        // No pin of before is used again, however new it is.
        Assert.Equal(8, Ids(await server.Client.GetStringAsync("/v1/export?format=reference")).Count());
    }

    [Theory]
    [InlineData(RollbookCode.EpisodeNotFound)]
    [InlineData(RollbookCode.EpisodeDeleted)]
    public async Task Export_WhenOneIsGoneMeanwhile_LeavesItOut(RollbookCode code)
    {
        server.Episodes[$"default/{Rows.Id(4)}"].ReadCode = code;

        Assert.Equal([1, 7, 10], Ids(await server.Client.GetStringAsync("/v1/export?format=reference&worker=host.1")).Select(static id => Enumerable.Range(0, 12).Single(i => Rows.Id(i).ToString() == id)));
    }

    [Fact]
    public async Task Export_WhenALogDidNotAnswer_SaysSo()
    {
        sources.Projects["default"] = sources.Projects["default"] with { Missing = ["log-3"] };

        using var response = await server.Client.GetAsync("/v1/export?format=jsonl");

        Assert.Equal("false", Assert.Single(response.Headers.GetValues("Rollbook-Complete")));
    }

    [Fact]
    public async Task Export_OfTables_IsParquet()
    {
        using var response = await server.Client.GetAsync("/v1/export?format=parquet&table=steps&worker=host.1");
        var episodes = await server.Client.GetByteArrayAsync("/v1/export?format=parquet&table=episodes&worker=host.1");

        Assert.Equal(("application/vnd.apache.parquet", "rollbook-export.steps.parquet"), (response.Content.Headers.ContentType!.MediaType, response.Content.Headers.ContentDisposition!.FileName));
        using var steps = new StepPackReader(new MemoryStream(await response.Content.ReadAsByteArrayAsync()), "steps");
        Assert.Equal(
            from i in new[] { 1, 4, 7, 10 } from ordinal in Enumerable.Range(0, 3) select (Rows.Id(i), (long)ordinal),
            steps.ReadAll().Select(static step => (step.Episode, step.Ordinal)));
        using var rows = new EpisodePackReader(new MemoryStream(episodes), "episodes", "default");
        Assert.Equal(new[] { 1, 4, 7, 10 }.Select(Rows.Id), rows.ReadAll().Select(static row => row.Record.Key.Id));
    }

    [Fact]
    public async Task Export_OfATableThatBreaksOff_IsNoFile()
    {
        server.Episodes[$"default/{Rows.Id(7)}"].OnRead = static from => new StepPage(RollbookCode.Unavailable, from, default, false);

        await Assert.ThrowsAsync<HttpRequestException>(() => server.Client.GetByteArrayAsync("/v1/export?format=parquet&table=steps&worker=host.1"));
    }

    [Theory]
    [InlineData("", 0)]
    [InlineData("", 2)]
    [InlineData("&damaged=leave_out", 2)]
    public async Task Export_WhenOneIsDamaged_HasTheOthersAndNamesItAtTheEnd(string asked, int place)
    {
        Damage(7, place);

        var lines = (await server.Client.GetStringAsync("/v1/export?format=jsonl&worker=host.1" + asked)).Split('\n')[..^1];

        // Nothing of it, also where its first steps can be read.
        Assert.Equal(
            from i in new[] { 1, 4, 10 } from line in Enumerable.Range(0, 4) select Rows.Id(i).ToString(),
            lines[..^1].Chunk(4).SelectMany(static episode => episode.Select(_ => (string)JsonNode.Parse(episode[0])!["episode_id"]!)));
        AssertNamed(JsonNode.Parse(lines[^1])!);
        Assert.EndsWith(
            string.Join('\n', lines[8..]) + "\n", await server.Client.GetStringAsync($"/v1/export?format=jsonl&worker=host.1&after={Rows.Id(4)}" + asked), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Export_WhenAllAreDamaged_HasTheNoteAlone()
    {
        Damage(7, 0);

        AssertNamed(JsonNode.Parse(await server.Client.GetStringAsync($"/v1/export?format=reference&worker=host.1&after={Rows.Id(4)}&until=1700000008"))!);
    }

    [Fact]
    public async Task Export_OfAnArchive_WhenOneIsDamaged_HasTheNoteAsAFile()
    {
        Damage(7, 2);

        using var archive = new ZipArchive(new MemoryStream(await server.Client.GetByteArrayAsync("/v1/export?format=traj&worker=host.1")));

        Assert.Equal([.. new[] { 1, 4, 10 }.Select(static i => $"{Rows.Id(i)}.traj"), LeftOut.FileName], archive.Entries.Select(static entry => entry.FullName));
        AssertNamed(JsonNode.Parse(archive.Entries[^1].Open())!);
    }

    [Fact]
    public async Task Export_OfATable_WhenOneIsDamaged_HasTheNoteInItsMetadata()
    {
        Damage(7, 2);
        var file = Path.Combine(directory.Path, "steps.parquet");

        await File.WriteAllBytesAsync(file, await server.Client.GetByteArrayAsync("/v1/export?format=parquet&table=steps&worker=host.1"));

        AssertNamed(JsonNode.Parse(LeftOut.Write(ExportTable.ReadLeftOut(file)))!);
        await using var content = File.OpenRead(file);
        using var steps = new StepPackReader(content, "steps");
        Assert.Equal(new[] { 1, 4, 10 }.Select(Rows.Id), steps.ReadAll().Select(static step => step.Episode).Distinct());
        await File.WriteAllBytesAsync(file, await server.Client.GetByteArrayAsync("/v1/export?format=parquet&table=episodes&worker=host.1"));
        Assert.Empty(ExportTable.ReadLeftOut(file));
    }

    [Fact]
    public async Task Export_WhenOneIsDamagedAndThatIsRefused_BreaksOffBeforeIt()
    {
        Damage(7, 2);

        await Assert.ThrowsAsync<HttpRequestException>(() => server.Client.GetStringAsync("/v1/export?format=jsonl&worker=host.1&damaged=refuse"));
    }

    [Fact]
    public async Task Export_OfADamagedOneByItsId_IsRefusedUnlessItMayBeLeftOut()
    {
        Damage(7, 2);

        var (status, problem) = await server.GetAsync($"/v1/export?format=jsonl&episode_id={Rows.Id(7)}&damaged=leave_out");
        var several = await server.Client.GetStringAsync($"/v1/export?format=reference&episode_id={Rows.Id(7)},{Rows.Id(2)}&damaged=leave_out");

        Assert.Equal((409, "damaged"), (status, (string)problem!["code"]!));
        Assert.Contains("file x is damaged. Stop the recorder and run rollbook verify", (string)problem["detail"]!, StringComparison.Ordinal);
        Assert.Equal(Rows.Id(2).ToString(), (string)JsonNode.Parse(several.Split('\n')[0])!["episode_id"]!);
        AssertNamed(JsonNode.Parse(several.Split('\n')[1])!);
        Assert.Equal(400, (await server.GetAsync("/v1/export?format=jsonl&damaged=yes")).Status);
    }

    [Fact]
    public async Task Export_WithoutAnArchive_Is503ForAFilterAlone()
    {
        await using var bare = await EdgeServer.StartAsync(services => services.RemoveAll<IQuerySources>());

        Assert.Equal(503, (await bare.GetAsync("/v1/export?format=jsonl&worker=w")).Status);
    }

    private void Damage(int episode, int place) => server.Episodes[$"default/{Rows.Id(episode)}"].OnRead = from =>
        from >= place ? new StepPage(RollbookCode.Damaged, from, default, false) { Damage = "file x is damaged." } : null;

    private static void AssertNamed(JsonNode note)
    {
        var one = Assert.Single(note["left_out"]!.AsArray())!;
        Assert.Equal((Rows.Id(7).ToString(), "damaged"), ((string)one["episode_id"]!, (string)one["code"]!));
        Assert.Contains("file x is damaged. Stop the recorder and run rollbook verify", (string)one["detail"]!, StringComparison.Ordinal);
    }

    private static IEnumerable<string> Ids(string lines) => lines.Split('\n')[..^1].Select(static line => (string)JsonNode.Parse(line)!["episode_id"]!);
}
