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

    [Fact]
    public async Task Tail_WhenColorIsAlways_ColoursErrorsRewardsAndDiffsAndNothingOfTheAgent()
    {
        _episode.Steps.Clear();
        _episode.Steps.Add("""{"action_type":"edit\u001b[35m","reward":-1,"error":"bad\u001b[36m","file_diff":{"path":"a\u001b[2Jb","before":"x\nold","after":"x\nnew\u202e","chars_changed":3}}""");
        _episode.Steps.Add("""{"action_type":"ls","reward":1}""");

        var run = await CliRun.OfAsync(_recorder, "tail", Id, "--color", "always");

        // 31 red, 32 green, 34 blue of the sixteen colours, bright ones from 90.
        Assert.Matches("\u001b\\[[0-9;]*[39]1m *-1", run.Out);
        Assert.Matches("\u001b\\[[0-9;]*[39][12]m *1\u001b", run.Out);
        Assert.Matches("\u001b\\[[0-9;]*[39]1m *bad", run.Out);
        Assert.Matches("\u001b\\[[0-9;]*[39]1m +-old", run.Out);
        Assert.Matches("\u001b\\[[0-9;]*[39]2m +\\+new\u001b", run.Out);
        Assert.Contains("@@ ab line 2 @@", run.Out, StringComparison.Ordinal);
        Assert.DoesNotContain("\u001b[35m", run.Out, StringComparison.Ordinal);
        Assert.DoesNotContain("\u001b[36m", run.Out, StringComparison.Ordinal);
        Assert.DoesNotContain("\u001b[2J", run.Out, StringComparison.Ordinal);
        Assert.DoesNotContain("\u202e", run.Out, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(true, "", "auto", true)]
    [InlineData(true, "1", "auto", false)]
    [InlineData(true, "1", "always", true)]
    [InlineData(true, "", "never", false)]
    [InlineData(false, "", "auto", false)]
    [InlineData(false, "1", "always", true)]
    public async Task Tail_WhenTerminalNoColorAndOptionDiffer_TheOptionDecidesThenNoColorThenTheTerminal(bool terminal, string noColor, string option, bool coloured)
    {
        var output = new StringWriter();
        var variables = new Dictionary<string, string> { ["NO_COLOR"] = noColor, ["TERM"] = "xterm-256color" };
        var host = new CliHost(output, TextWriter.Null, variables.GetValueOrDefault) { OutIsTerminal = terminal };

        var code = await RollbookCli.RunAsync(["tail", Id, "--url", _recorder.Address.ToString(), "--color", option], host, CancellationToken.None);

        Assert.Equal(0, code);
        Assert.Equal(coloured, System.Text.RegularExpressions.Regex.IsMatch(output.ToString(), "\u001b\\[[0-9;]*[39][0-9]m|\u001b\\[38;"));
    }

    [Fact]
    public async Task Tail_WhenAChangeIsLong_ShowsItsFirstLinesAndCountsTheRest()
    {
        _episode.Steps.Clear();
        _episode.Steps.Add($$$"""{"action_type":"edit","file_diff":{"path":"a","before":"","after":"{{{string.Join("\\n", Enumerable.Range(0, 30))}}}","chars_changed":3}}""");

        var run = await CliRun.OfAsync(_recorder, "tail", Id);

        Assert.Contains("      … 24 more lines", run.Lines);
    }

    [Fact]
    public async Task Tail_WhenColorIsUnknown_IsWrongUsage() =>
        Assert.Equal(2, (await CliRun.OfAsync(_recorder, "tail", Id, "--color", "sometimes")).ExitCode);
}
