using System.Text.Json.Nodes;
using Xunit;

namespace Rollbook.Cli.Tests.Import;

public sealed class ExportImportTests : IAsyncLifetime
{
    private const string Id = "01HZZZZZZZZZZZZZZZZZZZZZZZ";

    private readonly TemporaryDirectory _directory = new();
    private FakeRecorder _from = null!;
    private FakeRecorder _to = null!;
    private FakeEpisode _episode = null!;

    public async ValueTask InitializeAsync()
    {
        _from = await FakeRecorder.StartAsync();
        _to = await FakeRecorder.StartAsync();
        _episode = new FakeEpisode
        {
            Id = Id,
            Worker = "w.0",
            FillDefaults = true,
            Body = """{"task":"t\u001b","variant_id":"v","group_id":"g","seed":7,"start_time":1763890000.125,"metadata":{"k":1.50},"initial_observation":[null]}""",
            Status = "completed",
            EndCause = "submitted",
            EndBody = """{"final_score":0.25,"end_cause":"submitted","next_ordinal":2,"end_time":1763890009.5}""",
        };
        _episode.Steps.AddRange(["""{"step_number":1,"action_type":"a","observation_snapshot":{"x":1e400,"y":"\u00e9"},"reward":"NaN"}""", """{"step_number":2,"action_type":"b"}"""]);
        _episode.Scores.Add("""{"event_id":"e-1","name":"final","value":0.75,"source":"tests","metadata":{"n":1},"time":1763890600.5}""");
        _episode.Labels.UnionWith(["pinned", "x"]);
        _from.Episodes.Add(Id, _episode);
    }

    public async ValueTask DisposeAsync()
    {
        await _from.DisposeAsync();
        await _to.DisposeAsync();
        _directory.Dispose();
    }

    [Fact]
    public async Task Import_WhenAnEpisodeWasExported_MakesTheSameAgain()
    {
        var file = await ExportAsync();

        var run = await CliRun.OfAsync(_to, "import", file, "--json");

        Assert.Equal((0, ""), (run.ExitCode, run.Error));
        Assert.Equal($$"""{"file":"{{file}}","episode_id":"{{Id}}","steps":2}""", Assert.Single(run.Lines));
        Assert.Equal(_episode.Record(), _to.Episodes[Id].Record());
        Assert.Equal([_episode.Line(0), _episode.Line(1)], [_to.Episodes[Id].Line(0), _to.Episodes[Id].Line(1)]);
        Assert.Equal("""{"step_number":1,"action_type":"a","observation_snapshot":{"x":1e400,"y":"\u00e9"},"reward":"NaN","done":false}""", _to.Episodes[Id].Steps[0]);
    }

    [Fact]
    public async Task Import_WhenRepeated_ComparesTheStepsAndAddsNothing()
    {
        var file = await ExportAsync();
        await CliRun.OfAsync(_to, "import", file);
        var events = _to.Episodes[Id].Events.Count;

        var run = await CliRun.OfAsync(_to, "import", file);

        Assert.Equal(0, run.ExitCode);
        Assert.Equal((2, 1, events), (_to.Episodes[Id].Steps.Count, _to.Episodes[Id].Scores.Count, _to.Episodes[Id].Events.Count));
    }

    [Fact]
    public async Task Import_WhenALabelWasTakenAwaySince_DoesNotBringItBack()
    {
        var file = await ExportAsync();
        await CliRun.OfAsync(_to, "import", file);
        _to.Episodes[Id].Labels.Remove("x");

        await CliRun.OfAsync(_to, "import", file);

        Assert.Equal(["pinned"], _to.Episodes[Id].Labels);
    }

    [Fact]
    public async Task Import_WhenTheRecorderItCameFromGetsItBack_ChangesNothing()
    {
        var file = await ExportAsync();
        var before = _episode.Record();

        var run = await CliRun.OfAsync(_from, "import", file);

        Assert.Equal((0, before), (run.ExitCode, _episode.Record()));
    }

    [Theory]
    [InlineData("superseded", "superseded by 01K")]
    [InlineData("aborted", null)]
    [InlineData("lost", "damaged")]
    public async Task Import_WhenItEndedOtherwise_KeepsStatusAndCause(string status, string? cause)
    {
        (_episode.Status, _episode.EndCause, _episode.EndBody) = (status, cause, null);
        var file = await ExportAsync();

        var run = await CliRun.OfAsync(_to, "import", file, "--json");

        Assert.Equal(0, run.ExitCode);
        Assert.Equal((status, cause), (_to.Episodes[Id].Status, _to.Episodes[Id].EndCause));
        Assert.Null(JsonNode.Parse(run.Out)!["note"]);
    }

    [Fact]
    public async Task Import_WhenItWasStillRunning_IsCompletedByALaterExport()
    {
        (_episode.Status, _episode.EndCause) = ("running", null);
        var early = await ExportAsync();
        await CliRun.OfAsync(_to, "import", early);
        Assert.Equal("running", _to.Episodes[Id].Status);

        _episode.Steps.Add("""{"action_type":"c"}""");
        (_episode.Status, _episode.EndCause, _episode.EndBody) = ("completed", "late", """{"end_cause":"late","next_ordinal":3}""");
        var run = await CliRun.OfAsync(_to, "import", await ExportAsync());

        Assert.Equal(0, run.ExitCode);
        Assert.Equal(("completed", 3), (_to.Episodes[Id].Status, _to.Episodes[Id].Steps.Count));
    }

    [Fact]
    public async Task Import_WhenTheFirstTryWasLost_ResumesIt()
    {
        var file = await ExportAsync();
        await CliRun.OfAsync(_to, "import", file);
        _to.Episodes[Id].Steps.RemoveAt(1);
        _to.Episodes[Id].Status = "lost";

        var run = await CliRun.OfAsync(_to, "import", file);

        Assert.Equal(0, run.ExitCode);
        Assert.Equal(("completed", 2), (_to.Episodes[Id].Status, _to.Episodes[Id].Steps.Count));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task Import_WhenTheFileIsCutShort_SendsNothing(int lines)
    {
        var text = await File.ReadAllLinesAsync(await ExportAsync());
        // At a line's end, and within a line.
        var file = _directory.Write("cut.jsonl", lines == 1 ? text[0] + "\n" : text[0] + "\n" + text[1][..^4]);

        var run = await CliRun.OfAsync(_to, "import", file);

        Assert.Equal(1, run.ExitCode);
        Assert.Contains("cut short", run.Out, StringComparison.Ordinal);
        Assert.Empty(_to.Episodes);
    }

    [Theory]
    [InlineData("{\"action_type\":\"other\"}", null, "step 1 of the episode")]
    [InlineData(null, "{\"final_score\":1,\"next_ordinal\":2}", "(end_conflict)")]
    public async Task Import_WhenTheRecorderHasOtherContent_IsRefused(string? step, string? end, string reason)
    {
        var file = await ExportAsync();
        _episode.Steps[1] = step ?? _episode.Steps[1];
        _episode.EndBody = end ?? _episode.EndBody;

        var run = await CliRun.OfAsync(_from, "import", file);

        Assert.Equal(1, run.ExitCode);
        Assert.Contains(reason, run.Out, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Import_WhenTheIdIsAnothers_IsRefusedBeforeAnythingIsSent()
    {
        var file = await ExportAsync();
        _to.Episodes.Add(Id, new FakeEpisode { Id = Id, Worker = "other", Body = _episode.Body });

        var run = await CliRun.OfAsync(_to, "import", file);

        Assert.Equal(1, run.ExitCode);
        Assert.Contains("of the worker 'other'", run.Out, StringComparison.Ordinal);
        Assert.DoesNotContain(_to.Requests, request => request.StartsWith("POST", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Import_WhenGivenADirectory_TakesItsExportsAndLeavesOtherJsonLines()
    {
        await ExportAsync();
        _directory.Write("preds.jsonl", """{"instance_id":"x","model_patch":""}""");
        _directory.Write("half.jsonl", """{"episode_id":"x","wor""");

        var run = await CliRun.OfAsync(_to, "import", _directory.Path, "--worker", "w.9");

        Assert.Equal(0, run.ExitCode);
        Assert.Equal("w.9", Assert.Single(_to.Episodes.Values).Worker);
    }

    /// <summary>As the releases wrote it that filled in defaults and had no hashes.</summary>
    private async Task<string> ExportAsync()
    {
        var file = _directory.In("e.jsonl");
        await File.WriteAllLinesAsync(file, [_episode.Record(), .. Enumerable.Range(0, _episode.Steps.Count).Select(_episode.Line)]);
        return file;
    }
}
