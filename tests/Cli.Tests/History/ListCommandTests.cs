using Xunit;

namespace Rollbook.Cli.Tests.History;

public sealed class ListCommandTests : IAsyncLifetime
{
    private const string Item = """{"episode_id":"01HZZZZZZZZZZZZZZZZZZZZZZZ","worker":"w.0","task":"[red]t\u001b[2J","variant_id":"v","status":"lost","final_score":"NaN","step_count":7,"start_time":1700000000,"duration_seconds":2.5}""";

    private FakeRecorder _recorder = null!;

    public async ValueTask InitializeAsync() => _recorder = await FakeRecorder.StartAsync();

    public async ValueTask DisposeAsync() => await _recorder.DisposeAsync();

    [Fact]
    public async Task Ls_WithFilters_SendsThemAndShowsATableOfHarmlessText()
    {
        _recorder.Answers["/v1/episodes"] = (200, Page(null, Item));

        var run = await CliRun.OfAsync(_recorder, "ls", "--task", "a/b#1", "--status", "lost", "--status", "aborted", "--label", "x", "--min-score", "0.5", "--order", "-score", "--limit", "3");

        Assert.Equal(0, run.ExitCode);
        Assert.Equal(["GET /v1/episodes?task=a%2Fb%231&status=lost&status=aborted&label=x&min_score=0.5&order=-score&limit=3"], _recorder.Requests);
        Assert.Contains("[red]t", run.Out, StringComparison.Ordinal);
        Assert.DoesNotContain("\u001b", run.Out, StringComparison.Ordinal);
        Assert.Contains("2023-11-14 22:13:20Z", run.Out, StringComparison.Ordinal);
        Assert.Contains("NaN", run.Out, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Ls_WithAllAndJson_FollowsPagesAndPrintsALineEach()
    {
        _recorder.Answers["cursor=second"] = (200, Page(null, Item));
        _recorder.Answers["/v1/episodes"] = (200, Page("second", Item, Item));

        var run = await CliRun.OfAsync(_recorder, "ls", "--all", "--json");

        Assert.Equal([Item, Item, Item], run.Lines);
        Assert.Equal(2, _recorder.Requests.Count);
    }

    [Fact]
    public async Task Ls_WhenThereAreMore_SaysHowToSeeThem()
    {
        _recorder.Answers["/v1/episodes"] = (200, Page("second", Item));
        var run = await CliRun.OfAsync(_recorder, "ls", "--limit", "1");
        Assert.Contains("--all", run.Out, StringComparison.Ordinal);
        Assert.Single(_recorder.Requests);
    }

    [Fact]
    public async Task Ls_WhenALogDidNotAnswer_SaysSo()
    {
        _recorder.Answers["/v1/episodes"] = (200, """{"items":[],"next_cursor":null,"as_of":null,"complete":false,"missing":["log-9"]}""");
        var run = await CliRun.OfAsync(_recorder, "ls");
        Assert.Contains("log-9", run.Error, StringComparison.Ordinal);
        Assert.Contains("No such episodes.", run.Out, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Ls_WhenTheRecorderRefuses_TellsWhatItSays()
    {
        _recorder.Answers["/v1/episodes"] = (400, """{"code":"bad_request","detail":"since must be a time.","retry":false}""");
        var run = await CliRun.OfAsync(_recorder, "ls", "--since", "yesterday");
        Assert.Equal(1, run.ExitCode);
        Assert.Contains("since must be a time. (bad_request)", run.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("--limit", "0")]
    [InlineData("--status", "done")]
    public async Task Ls_WhenUsedWrongly_Exits2(string option, string value) => Assert.Equal(2, (await CliRun.OfAsync(_recorder, "ls", option, value)).ExitCode);

    private static string Page(string? next, params string[] items) =>
        $$"""{"items":[{{string.Join(',', items)}}],"next_cursor":{{(next is null ? "null" : $"\"{next}\"")}},"as_of":1,"complete":true,"missing":[]}""";
}
