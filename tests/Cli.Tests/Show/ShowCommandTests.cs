using System.Text.Json;
using Xunit;

namespace Rollbook.Cli.Tests.Show;

public sealed class ShowCommandTests : IAsyncLifetime
{
    private const string Id = "01HZZZZZZZZZZZZZZZZZZZZZZZ";
    private const string Hostile = """{"action_type":"ru\u001b[2Jn","action_path":"[red]a.py","action_query":"x\u202ey","observation_snapshot":"\u001b]52;c;eHg=\u0007seen \ud800[/]","reward":"NaN","cumulative_reward":1.25,"error":"boom\u009b31m [bold]","file_diff":{"path":"[x].py","before":"a\nold\nz","after":"a\nnew\nz","chars_changed":3},"test_pass_rate":0.5,"security_flags":["path\u0007 traversal [["],"thought":"[blue]think"}""";

    private FakeRecorder _recorder = null!;

    public async ValueTask InitializeAsync() => _recorder = await FakeRecorder.StartAsync();

    public async ValueTask DisposeAsync() => await _recorder.DisposeAsync();

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Show_WhenAgentsTextIsHostile_ShowsItHarmlessAndNeverAsMarkup(bool full)
    {
        _recorder.Add(Id, Hostile);

        var run = await CliRun.OfAsync(_recorder, full ? ["show", Id, "--full"] : ["show", Id]);

        Assert.Equal(0, run.ExitCode);
        Assert.DoesNotContain(run.Out, c => char.IsControl(c) && c != '\n');
        Assert.DoesNotContain("\u202e", run.Out, StringComparison.Ordinal);
        Assert.Contains("run [red]a.py xy", run.Out, StringComparison.Ordinal);
        Assert.Contains("boom [bold]", run.Out, StringComparison.Ordinal);
        Assert.Contains("path traversal [[", run.Out, StringComparison.Ordinal);
        Assert.Contains("NaN", run.Out, StringComparison.Ordinal);
        if (full)
        {
            Assert.Contains("seen \ufffd[/]", run.Out, StringComparison.Ordinal);
            Assert.Contains("@@ [x].py line 2 @@\n-old\n+new\n", run.Out, StringComparison.Ordinal);
            Assert.Contains("[blue]think", run.Out, StringComparison.Ordinal);
        }
        else
        {
            Assert.Contains("[x].py ±3", run.Out, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Show_WhenJsonIsAsked_GivesRecordAndStepsAsServed()
    {
        var episode = _recorder.Add(Id, Hostile, """{"action_type":"b","observation_snapshot":1e400}""");

        var run = await CliRun.OfAsync(_recorder, "show", Id, "--json");

        Assert.Equal(episode.Record()[..^1] + $",\"steps\":[{episode.Line(0)},{episode.Line(1)}]}}\n", run.Out);
    }

    [Fact]
    public async Task Show_WhenEpisodeIsLong_ShowsHeadAndTailAndSaysHowToSeeTheRest()
    {
        _recorder.Add(Id, Enumerable.Range(0, 500).Select(i => $$"""{"action_type":"step-{{i}}"}""").ToArray());

        var run = await CliRun.OfAsync(_recorder, "show", Id);

        Assert.Contains("step-39 ", run.Out, StringComparison.Ordinal);
        Assert.DoesNotContain("step-40 ", run.Out, StringComparison.Ordinal);
        Assert.Contains("400 more: --steps all", run.Out, StringComparison.Ordinal);
        Assert.Contains("step-440 ", run.Out, StringComparison.Ordinal);
        Assert.Contains("100 of 500 steps shown.", run.Out, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Show_WhenLastStepsAreAsked_ShowsThose()
    {
        _recorder.Add(Id, Enumerable.Range(0, 5).Select(i => $$"""{"action_type":"step-{{i}}"}""").ToArray());

        var run = await CliRun.OfAsync(_recorder, "show", Id, "--steps", "-2", "--json");

        Assert.Equal(0, run.ExitCode);
        Assert.Equal([3, 4], JsonDocument.Parse(run.Out).RootElement.GetProperty("steps").EnumerateArray().Select(step => step.GetProperty("ordinal").GetInt32()));
    }

    [Theory]
    [InlineData("running", "01HZZZZZZZZZZZZZZZZZZZZZZ2")]
    [InlineData("completed", "01HZZZZZZZZZZZZZZZZZZZZZZ3")]
    public async Task Show_WhenGivenAWorker_ShowsItsCurrentElseItsLastEpisode(string second, string shown)
    {
        _recorder.Add("01HZZZZZZZZZZZZZZZZZZZZZZ1").Status = "completed";
        _recorder.Add("01HZZZZZZZZZZZZZZZZZZZZZZ2").Status = second;
        _recorder.Add("01HZZZZZZZZZZZZZZZZZZZZZZ3").Status = "completed";

        var run = await CliRun.OfAsync(_recorder, "show", "w.0");

        Assert.Contains(shown, run.Out, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("nobody")]
    [InlineData("01HZZZZZZZZZZZZZZZZZZZZZZ9")]
    [InlineData("..")]
    public async Task Show_WhenThereIsNoSuchName_ExitsWithFourAndNamesIt(string name)
    {
        var run = await CliRun.OfAsync(_recorder, "show", name);

        Assert.Equal(4, run.ExitCode);
        Assert.Contains($"'{name}'", run.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("show")]
    [InlineData("show", "x", "--steps", "5-3")]
    [InlineData("show", "x", "--no-such-option")]
    [InlineData("nonsense")]
    [InlineData("show", "x", "--url", "ftp://x")]
    public async Task Run_WhenUsageIsWrong_ExitsWithTwo(params string[] args)
    {
        var run = await CliRun.OfAsync(_recorder, args);

        Assert.Equal(2, run.ExitCode);
        Assert.Contains("--help", run.Error, StringComparison.Ordinal);
    }
}
