using System.Text.Json.Nodes;
using Xunit;

namespace Rollbook.Cli.Tests.Replay;

public sealed class ReplayActionsCommandTests : IAsyncLifetime
{
    private const string Id = "01HZZZZZZZZZZZZZZZZZZZZZZZ";

    private FakeRecorder _recorder = null!;
    private FakeEpisode _episode = null!;

    public async ValueTask InitializeAsync()
    {
        _recorder = await FakeRecorder.StartAsync();
        _episode = _recorder.Add(Id, """{"action_type":"a","action_query":"q\u001b[2J"}""", """{"action_type":"b"}""", """{"action_type":"c"}""");
        _episode.Status = "completed";
    }

    public async ValueTask DisposeAsync() => await _recorder.DisposeAsync();

    [Fact]
    public async Task ReplayActions_WhenAsked_IsOneArrayWithAnActionALine()
    {
        var run = await CliRun.OfAsync(_recorder, "replay-actions", "w.0");

        Assert.Equal(0, run.ExitCode);
        Assert.Equal(["a", "b", "c"], JsonNode.Parse(run.Out)!.AsArray().Select(action => (string)action!["action_type"]!));
        Assert.Equal(["[", """{"action_type":"a","query":"q\u001B[2J"},""", """{"action_type":"b"},""", """{"action_type":"c"}""", "]"], run.Lines);
    }

    [Theory]
    [InlineData("0-1", "a b")]
    [InlineData("-1", "c")]
    [InlineData("7", "")]
    [InlineData("none", "")]
    public async Task ReplayActions_WhenStepsAreAsked_HasThoseAlone(string range, string actions)
    {
        var lines = await CliRun.OfAsync(_recorder, "replay-actions", Id, "--lines", "--steps", range);
        var array = await CliRun.OfAsync(_recorder, "replay-actions", Id, "--steps", range);

        Assert.Equal(actions, string.Join(' ', lines.Lines.Select(line => (string)JsonNode.Parse(line)!["action_type"]!)));
        Assert.Equal(lines.Lines.Count, JsonNode.Parse(array.Out)!.AsArray().Count);
    }

    [Fact]
    public async Task ReplayActions_WhenEpisodeRuns_SaysSoBesideTheResult()
    {
        _episode.Status = "running";

        var run = await CliRun.OfAsync(_recorder, "replay-actions", Id, "--json");

        Assert.Equal(3, JsonNode.Parse(run.Out)!.AsArray().Count);
        Assert.Contains("still running", (string?)JsonNode.Parse(run.Error)!["note"], StringComparison.Ordinal);
    }
}
