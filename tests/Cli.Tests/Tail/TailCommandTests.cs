using Xunit;

namespace Rollbook.Cli.Tests.Tail;

public sealed class TailCommandTests : IAsyncLifetime
{
    private const string Id = "01HZZZZZZZZZZZZZZZZZZZZZZZ";

    private FakeRecorder _recorder = null!;
    private FakeEpisode _episode = null!;

    public async ValueTask InitializeAsync()
    {
        _recorder = await FakeRecorder.StartAsync();
        _episode = _recorder.Add(Id, Enumerable.Range(0, 15).Select(i => $$"""{"action_type":"step-{{i}}","reward":0.5,"error":"\u001b[1m[red]e{{i}}"}""").ToArray());
        _episode.Status = "completed";
        _episode.EndCause = "submitted\u001b[2J";
    }

    public async ValueTask DisposeAsync() => await _recorder.DisposeAsync();

    [Fact]
    public async Task Tail_WhenEpisodeEnds_ShowsTheLastStepsThenTheEndingAndStops()
    {
        var run = await CliRun.OfAsync(_recorder, "tail", "w.0");

        Assert.Equal(0, run.ExitCode);
        Assert.Equal(12, run.Lines.Count);
        Assert.Contains("step-5 ", run.Lines[1], StringComparison.Ordinal);
        Assert.Contains("[red]e14", run.Lines[10], StringComparison.Ordinal);
        Assert.Equal("completed: submitted, not scored, 15 steps", run.Lines[11]);
        Assert.DoesNotContain('\u001b', run.Out);
    }

    [Fact]
    public async Task Tail_WhenConnectionBreaks_ShowsEveryStepOnceAsServed()
    {
        _recorder.Faults.Add(new Fault("/live") { CutAfter = 4 });
        _recorder.Faults.Add(new Fault("/live") { CutAfter = 5 });

        var run = await CliRun.OfAsync(_recorder, "tail", Id, "--from", "2", "--json");

        Assert.Equal(Enumerable.Range(2, 13).Select(_episode.Line).Append(_episode.Record()), run.Lines);
    }

    [Fact]
    public async Task Tail_WhenFromIsNegative_IsWrongUsage() => Assert.Equal(2, (await CliRun.OfAsync(_recorder, "tail", Id, "--from", "-3")).ExitCode);
}
