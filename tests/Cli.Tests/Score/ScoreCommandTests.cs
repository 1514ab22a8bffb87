using System.Text.Json.Nodes;
using Xunit;

namespace Rollbook.Cli.Tests.Score;

public sealed class ScoreCommandTests : IAsyncLifetime
{
    private const string Id = "01HZZZZZZZZZZZZZZZZZZZZZZZ";

    private FakeRecorder _recorder = null!;
    private FakeEpisode _episode = null!;

    public async ValueTask InitializeAsync()
    {
        _recorder = await FakeRecorder.StartAsync();
        _episode = _recorder.Add(Id);
        _episode.Status = "completed";
    }

    public async ValueTask DisposeAsync() => await _recorder.DisposeAsync();

    [Fact]
    public async Task Score_WhenGivenAll_RecordsItAndTellsTheFinalScore()
    {
        var run = await CliRun.OfAsync(
            _recorder, "score", "w.0", "--name", "final", "--value", "0.9", "--source", "unit-tests", "--rationale", "9 of 10", "--metadata", "{ \"n\": 1e400 }",
            "--event-id", "e-1");

        Assert.Equal(0, run.ExitCode);
        Assert.Equal(
            """{"event_id":"e-1","name":"final","value":0.9,"source":"unit-tests","rationale":"9 of 10","metadata":{"n":1e400}}""",
            Assert.Single(_episode.Scores));
        Assert.Equal($"{Id}  final 0.9 by unit-tests; final score 0.9", Assert.Single(run.Lines));
    }

    [Theory]
    [InlineData("null", "null")]
    [InlineData("NaN", "\"NaN\"")]
    [InlineData("-Infinity", "\"-Infinity\"")]
    [InlineData("-1e-3", "-0.001")]
    public async Task Score_WhenValueIsNoPlainNumber_IsSentAsTheApiWritesIt(string value, string json)
    {
        var run = await CliRun.OfAsync(_recorder, "score", Id, "--value", value, "--source", "s", "--json");

        Assert.Equal(0, run.ExitCode);
        Assert.Equal(json, JsonNode.Parse(Assert.Single(_episode.Scores))!["value"]?.ToJsonString() ?? "null");
        Assert.Equal(json, JsonNode.Parse(run.Out)!["final_score"]?.ToJsonString() ?? "null");
    }

    [Fact]
    public async Task Score_WhenCalledTwice_IsTwoEventsUnlessTheIdIsGiven()
    {
        foreach (var id in new string[][] { [], [], ["--event-id", "e"], ["--event-id", "e"] })
            Assert.Equal(0, (await CliRun.OfAsync(_recorder, ["score", Id, "--value", "1", "--source", "s", .. id])).ExitCode);

        Assert.Equal(3, _episode.Scores.Count);
    }

    [Fact]
    public async Task Score_WhenTheIdHasAnotherBody_ExitsWithOneAndTheCode()
    {
        await CliRun.OfAsync(_recorder, "score", Id, "--value", "1", "--source", "s", "--event-id", "e");

        var run = await CliRun.OfAsync(_recorder, "score", Id, "--value", "2", "--source", "s", "--event-id", "e", "--json");

        Assert.Equal((1, "score_conflict"), (run.ExitCode, (string?)JsonNode.Parse(run.Error)!["code"]));
    }

    [Theory]
    [InlineData("score")]
    [InlineData("score", Id)]
    [InlineData("score", Id, "--value", "good")]
    [InlineData("score", Id, "--value", "1", "--metadata", "[1]")]
    [InlineData("score", Id, "--value", "1", "--file", "x")]
    [InlineData("score", "--file", "x", "--name", "n")]
    public async Task Score_WhenUsageIsWrong_ExitsWithTwo(params string[] args)
    {
        var run = await CliRun.OfAsync(_recorder, args);

        Assert.Equal(2, run.ExitCode);
        Assert.Contains("rollbook score --help", run.Error, StringComparison.Ordinal);
        Assert.Empty(_recorder.Requests);
    }

    [Fact]
    public async Task Score_WhenThereIsNoSuchEpisode_ExitsWithFour() =>
        Assert.Equal(4, (await CliRun.OfAsync(_recorder, "score", "nobody", "--value", "1")).ExitCode);
}
