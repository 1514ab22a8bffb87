using System.IO.Compression;
using System.Net;
using System.Text;
using System.Text.Json.Nodes;

namespace Rollbook.Silo.Tests.Http.Export;

/// <summary>The export's route, over episodes that do as they are told.</summary>
public sealed class ExportApiTests : IAsyncLifetime
{
    private static readonly string[] Ids = ["01K00000000000000000000000", "01K00000000000000000000001", "01K00000000000000000000002"];

    private EdgeServer server = null!;

    public async ValueTask InitializeAsync()
    {
        server = await EdgeServer.StartAsync();
        // What isn't named isn't there.
        server.Episode.ReadCode = RollbookCode.EpisodeNotFound;
        foreach (var id in Ids) server.Episodes[$"default/{id}"] = Episode(id, steps: 5);
    }

    public ValueTask DisposeAsync() => server.DisposeAsync();

    [Theory]
    [InlineData("jsonl", "application/x-ndjson", ".jsonl")]
    [InlineData("atif", "application/json", ".atif.json")]
    [InlineData("sts", "application/x-ndjson", ".sts.jsonl")]
    [InlineData("traj", "application/json", ".traj")]
    [InlineData("reference", "application/json", ".json")]
    public async Task Export_OfOneEpisode_IsAFileOfItsKind(string format, string type, string extension)
    {
        using var response = await server.Client.GetAsync($"/v1/export?format={format}&episode_id={Ids[1]}");

        Assert.Equal((HttpStatusCode.OK, type), (response.StatusCode, response.Content.Headers.ContentType!.MediaType));
        Assert.Equal(("attachment", Ids[1] + extension), (response.Content.Headers.ContentDisposition!.DispositionType, response.Content.Headers.ContentDisposition.FileName));
        var lines = (await response.Content.ReadAsStringAsync()).Split('\n');
        Assert.Equal("", lines[^1]);
        Assert.All(lines[..^1], static line => Assert.NotNull(JsonNode.Parse(line)));
    }

    [Theory]
    [InlineData("jsonl", ".jsonl")]
    [InlineData("atif", ".atif.jsonl")]
    [InlineData("reference", ".reference.jsonl")]
    public async Task Export_OfSeveral_HasTheirLinesById(string format, string extension)
    {
        var one = await Task.WhenAll(Ids.Select(id => server.Client.GetStringAsync($"/v1/export?format={format}&episode_id={id}")));

        using var response = await server.Client.GetAsync($"/v1/export?format={format}&episode_id={Ids[2]}&episode_id={Ids[0]},{Ids[1]}&episode_id={Ids[0]}");

        Assert.Equal(string.Concat(one), await response.Content.ReadAsStringAsync());
        Assert.Equal(("application/x-ndjson", "rollbook-export" + extension), (response.Content.Headers.ContentType!.MediaType, response.Content.Headers.ContentDisposition!.FileName));
    }

    [Theory]
    [InlineData("sts", ".sts.jsonl")]
    [InlineData("traj", ".traj")]
    public async Task Export_OfSeveralWhoseReadersTakeOne_IsAnArchive(string format, string extension)
    {
        using var response = await server.Client.GetAsync($"/v1/export?format={format}&episode_id={string.Join(',', Ids)}");

        Assert.Equal(("application/zip", $"rollbook-export.{format}.zip"), (response.Content.Headers.ContentType!.MediaType, response.Content.Headers.ContentDisposition!.FileName));
        using var archive = new ZipArchive(new MemoryStream(await response.Content.ReadAsByteArrayAsync()));
        Assert.Equal(Ids.Select(id => id + extension), archive.Entries.Select(static entry => entry.FullName));
        for (var i = 0; i < Ids.Length; i++)
        {
            using var reader = new StreamReader(archive.Entries[i].Open(), Encoding.UTF8);
            Assert.Equal(await server.Client.GetStringAsync($"/v1/export?format={format}&episode_id={Ids[i]}"), await reader.ReadToEndAsync());
        }
    }

    [Fact]
    public async Task Export_AfterAnId_GoesOnBehindIt()
    {
        var all = await server.Client.GetStringAsync($"/v1/export?format=atif&episode_id={string.Join(',', Ids)}");

        var rest = await server.Client.GetStringAsync($"/v1/export?format=atif&episode_id={string.Join(',', Ids)}&after={Ids[0]}");
        var none = await server.Client.GetStringAsync($"/v1/export?format=atif&episode_id={string.Join(',', Ids)}&after={Ids[2]}");

        Assert.Equal((all[(all.IndexOf('\n', StringComparison.Ordinal) + 1)..], ""), (rest, none));
    }

    [Fact]
    public async Task Export_WhenOneIsMissing_NamesItAndSendsNothing()
    {
        var (status, problem) = await server.GetAsync($"/v1/export?format=atif&episode_id={Ids[0]},01K0000000000000000000000Z");

        Assert.Equal((404, "episode_not_found"), (status, (string)problem!["code"]!));
        Assert.Contains("01K0000000000000000000000Z", (string)problem["detail"]!, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Export_WhenAnEpisodeIsDamagedAtItsStart_NamesIt()
    {
        server.Episodes[$"default/{Ids[0]}"].OnRead = static from => new StepPage(RollbookCode.Damaged, from, default, false);

        var (status, problem) = await server.GetAsync($"/v1/export?format=traj&episode_id={Ids[0]}");

        Assert.Equal((409, "damaged"), (status, (string)problem!["code"]!));
        Assert.Contains(Ids[0], (string)problem["detail"]!, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("atif")]
    [InlineData("traj")]
    public async Task Export_WhenALaterEpisodeCanNotBeRead_BreaksOff(string format)
    {
        server.Episodes[$"default/{Ids[2]}"].OnRead = static from => from < 2 ? null : new StepPage(RollbookCode.Unavailable, from, default, false);

        await Assert.ThrowsAsync<HttpRequestException>(() => server.Client.GetByteArrayAsync($"/v1/export?format={format}&episode_id={string.Join(',', Ids)}"));
    }

    [Theory]
    [InlineData("", "format")]
    [InlineData("format=csv&episode_id=01K00000000000000000000000", "jsonl, atif, sts, traj, reference, parquet")]
    [InlineData("format=atif&format=sts", "format")]
    [InlineData("format=atif&episode_id=01K00000000000000000000000&worker=w", "leave out episode_id or worker")]
    [InlineData("format=atif&taks=a", "taks")]
    [InlineData("format=atif&status=done", "completed")]
    [InlineData("format=atif&table=steps&episode_id=01K00000000000000000000000", "parquet")]
    [InlineData("format=parquet&episode_id=01K00000000000000000000000", "steps, episodes, scores")]
    [InlineData("format=parquet&table=logs&episode_id=01K00000000000000000000000", "steps, episodes, scores")]
    [InlineData("format=atif&episode_id=,", "episode_id")]
    [InlineData("format=atif&episode_id=x", "ULID")]
    [InlineData("format=atif&episode_id=01K00000000000000000000000&after=x", "after")]
    [InlineData("format=traj&episode_id=01K00000000000000000000000&after=01K00000000000000000000000", "archive")]
    public async Task Export_WithABadQuery_SaysWhatIsWrong(string query, string part)
    {
        var (status, problem) = await server.GetAsync($"/v1/export?{query}");

        Assert.Equal((400, "bad_request"), (status, (string)problem!["code"]!));
        Assert.Contains(part, (string)problem["detail"]!, StringComparison.Ordinal);
    }

    private static FakeEpisode Episode(string id, int steps)
    {
        var episode = new FakeEpisode();
        episode.Record = episode.Record with { Key = new EpisodeKey("default", EpisodeId.Parse(id)) };
        episode.Add(TestSteps.Range(id, 0, steps));
        episode.Scores.Add(new ScoreEvent { EventId = "e", Name = "final", Value = null, Source = "s", Time = 1 });
        episode.Record = episode.Record with { ScoreCount = 1, Status = EpisodeStatus.Completed, EndTime = 4.5 };
        return episode;
    }
}
