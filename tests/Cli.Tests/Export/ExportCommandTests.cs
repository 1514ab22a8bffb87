using Xunit;

namespace Rollbook.Cli.Tests.Export;

public sealed class ExportCommandTests : IAsyncLifetime
{
    private const string Id = "01HZZZZZZZZZZZZZZZZZZZZZZZ";

    private readonly TemporaryDirectory _directory = new();
    private FakeRecorder _recorder = null!;
    private FakeEpisode _episode = null!;

    public async ValueTask InitializeAsync()
    {
        _recorder = await FakeRecorder.StartAsync();
        _episode = _recorder.Add(
            Id,
            """{"step_number":1,"timestamp":1.50,"action_type":"a","action_path":null,"action_query":"q\u0041","action_content":"c","observation_snapshot":{"x":1e400,"y":"\ud800é"},"reward":0.10,"cumulative_reward":"NaN","done":false,"error":null,"file_diff":null,"test_pass_rate":null,"duration_ms":1,"security_flags":["f"],"thought":"t","extra":{"k":1}}""",
            """{"action_type":"b"}""");
        _episode.Status = "completed";
    }

    public async ValueTask DisposeAsync()
    {
        await _recorder.DisposeAsync();
        _directory.Dispose();
    }

    [Fact]
    public async Task Export_WhenFormatIsReference_HasItsKeysAloneAndValuesByteForByte()
    {
        var run = await CliRun.OfAsync(_recorder, "export", Id);

        Assert.Equal(0, run.ExitCode);
        Assert.Equal(
            $$$$$$"""
            {"episode_id":"{{{{{{Id}}}}}}","task":"t","variant_id":"v","start_time":1763890000.25,"end_time":1763890009.5,"duration_seconds":9.25,"steps":[
            {"step_number":1,"timestamp":1.50,"action_type":"a","action_path":null,"action_query":"q\u0041","action_content_length":null,"observation_snapshot":{"x":1e400,"y":"\ud800é"},"reward":0.10,"cumulative_reward":"NaN","done":false,"error":null,"file_diff":null,"test_pass_rate":null,"duration_ms":1,"security_flags":["f"]},
            {"step_number":null,"timestamp":null,"action_type":"b","action_path":null,"action_query":null,"action_content_length":null,"observation_snapshot":null,"reward":0.0,"cumulative_reward":0.0,"done":false,"error":null,"file_diff":null,"test_pass_rate":null,"duration_ms":0.0,"security_flags":[]}],"final_score":0.0,"total_steps":2,"metadata":{}}

            """,
            run.Out);
    }

    [Fact]
    public async Task Export_WhenFormatIsJsonLines_HasTheRecordThenTheStepsAsServed()
    {
        var file = _directory.In("e.jsonl");

        var run = await CliRun.OfAsync(_recorder, "export", "w.0", "--format", "jsonl", "--output", file, "--json");

        Assert.Equal(0, run.ExitCode);
        Assert.Equal([_episode.Record(), _episode.Line(0), _episode.Line(1)], await File.ReadAllLinesAsync(file, TestContext.Current.CancellationToken));
        Assert.Equal($$"""{"episode_id":"{{Id}}","file":"{{file}}","steps":2}""", Assert.Single(run.Lines));
        Assert.Equal(["e.jsonl"], Directory.GetFiles(_directory.Path).Select(Path.GetFileName));
    }

    [Fact]
    public async Task Export_WhenFileExists_RefusesUnlessForced()
    {
        var file = _directory.Write("e.json", "mine");

        var refused = await CliRun.OfAsync(_recorder, "export", Id, "--output", file);
        var kept = await File.ReadAllTextAsync(file, TestContext.Current.CancellationToken);
        var forced = await CliRun.OfAsync(_recorder, "export", Id, "--output", file, "--force");

        Assert.Equal((1, "mine", 0), (refused.ExitCode, kept, forced.ExitCode));
        Assert.Contains("--force", refused.Error, StringComparison.Ordinal);
        Assert.StartsWith("{\"episode_id\"", await File.ReadAllTextAsync(file, TestContext.Current.CancellationToken), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Export_WhenTheRecorderRefuses_LeavesNoFile()
    {
        _recorder.Faults.Add(new Fault("/steps?from") { Status = 409, Code = "damaged" });

        var run = await CliRun.OfAsync(_recorder, "export", Id, "--output", _directory.In("e.json"));

        Assert.Equal(1, run.ExitCode);
        Assert.Empty(Directory.GetFiles(_directory.Path));
    }

    [Fact]
    public async Task Export_WhenStepsAreMissing_FailsAndLeavesNoFile()
    {
        _recorder.HiddenSteps = 1;

        var run = await CliRun.OfAsync(_recorder, "export", Id, "--output", _directory.In("e.json"));

        Assert.Equal(1, run.ExitCode);
        Assert.Contains("1 of 2 steps", run.Error, StringComparison.Ordinal);
        Assert.Empty(Directory.GetFiles(_directory.Path));
    }
}
