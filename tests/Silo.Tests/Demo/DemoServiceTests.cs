using System.Text;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Rollbook.Silo.Demo;
using Spectre.Console;
using Xunit;

namespace Rollbook.Silo.Tests.Demo;

public sealed class DemoServiceTests
{
    private static readonly DemoOptions Fast = new()
    {
        Pause = TimeSpan.Zero, Deadline = TimeSpan.FromSeconds(1), Restart = TimeSpan.FromMilliseconds(50), LineEvery = TimeSpan.FromMilliseconds(100),
        DrawEvery = TimeSpan.FromMilliseconds(50),
    };

    // The pauses of 96 episodes take longer than the deadline of those that hang.
    private static readonly DemoOptions Slower = Fast with { Pause = TimeSpan.FromMilliseconds(25) };

    private readonly DemoRecorder _recorder = new(TimeProvider.System);

    [Fact]
    public async Task Run_WhenExitIsGiven_EndsTheHostAndLeavesNoEpisodeRunning()
    {
        var output = new TestOutput(isTerminal: false);
        await using var app = Host(Slower with { Exit = 96 }, output);
        await RunToTheEndAsync(app);

        var ended = _recorder.Episodes.CountBy(episode => episode.Status).ToDictionary();
        Assert.DoesNotContain("running", ended.Keys);
        Assert.InRange(ended["completed"] + ended["superseded"] + ended["lost"], 96, 112);
        Assert.InRange(ended.GetValueOrDefault("aborted"), 0, 16);
        Assert.InRange(ended["superseded"], 1, 30);
        Assert.InRange(ended["lost"], 1, 20);
        Assert.Contains(_recorder.Episodes, episode => episode.Score == 1);
        Assert.Contains(_recorder.Episodes, episode => episode.Score < 1);
        Assert.Contains("The demo ended after", output.Text);
        Assert.Contains($"{_recorder.Episodes.Sum(episode => episode.Steps.Count)} recorded, each acknowledged", output.Text);
        Assert.Matches(new Regex(@"^\d\d:\d\d  \d+ running, \d+ completed, ", RegexOptions.Multiline), output.Text);
        Assert.DoesNotContain('\u001b', output.Text);
        Assert.DoesNotContain("What to try next", output.Text);
    }

    [Fact]
    public async Task Run_WhenEpisodesAreRecorded_HoldsWhatThePlansPlay()
    {
        await using var app = Host(Fast with { Exit = 40 }, new TestOutput(isTerminal: false));
        await RunToTheEndAsync(app);

        foreach (var episode in _recorder.Episodes)
        {
            var start = episode.Start;
            var group = int.Parse(((string)start["group_id"]!)[^3..]);
            var plan = EpisodePlan.For(1, group, (int)start["attempt"]!);
            Assert.Equal(
                (plan.Task.Name, RepairTask.VariantId(plan.Variant), plan.Seed, $"demo-policy-{plan.PolicyVersion}"),
                ((string)start["task"]!, (string)start["variant_id"]!, (int)start["seed"]!, (string)start["policy_version"]!));
            var played = new RepairRollout(plan).Play().Select(step => JsonNode.Parse(step.ToJson(0, 0).Span)!.AsObject()).ToList();
            var recorded = episode.Steps.Select(WithoutTimes).ToList();
            Assert.Equal(played.Select(WithoutTimes).Take(recorded.Count), recorded);
            if (episode.Status is "completed" or "superseded" or "lost")
                Assert.Equal(played.Count, recorded.Count);
        }
        foreach (var siblings in _recorder.Episodes.GroupBy(episode => (string)episode.Start["group_id"]!))
            Assert.InRange(siblings.Select(episode => (int)episode.Start["attempt"]!).Distinct().Count(), siblings.Count(), 8);
    }

    [Fact]
    public async Task Run_WhenNoExitIsGiven_SaysWhatToTryAndGoesOn()
    {
        var output = new TestOutput(isTerminal: true);
        await using var app = Host(Fast, output);
        await app.StartAsync();
        await output.WaitForAsync("What to try next", app.Lifetime.ApplicationStopping);
        await output.WaitForAsync("openapi", app.Lifetime.ApplicationStopping);
        var example = Regex.Match(output.Text, "src/Cli -- show (01K[0-9]+)").Groups[1].Value;
        var steps = _recorder.Episodes.Sum(episode => episode.Steps.Count);
        Assert.Equal("completed", _recorder.Episodes.Single(episode => episode.Id == example).Status);
        Assert.Contains("╭", output.Text);
        Assert.Contains("last endings", output.Text);
        await output.WaitForAsync("fix-calendar", app.Lifetime.ApplicationStopping);
        await app.StopAsync();
        Assert.InRange(_recorder.Episodes.Sum(episode => episode.Steps.Count), steps, int.MaxValue);
        Assert.Contains("The demo ended after", output.Text);
    }

    [Theory]
    [InlineData(12, null)]
    [InlineData(0, null)]
    [InlineData(16, 0)]
    public void AddDemo_WhenOptionIsBad_IsRefused(int workers, int? exit) =>
        Assert.Throws<ArgumentException>(() => new ServiceCollection().AddDemo(new DemoOptions { Workers = workers, Exit = exit }));

    private WebApplication Host(DemoOptions options, IAnsiConsoleOutput output)
    {
        var builder = WebApplication.CreateBuilder();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Logging.ClearProviders();
        builder.Services.AddSingleton(AnsiConsole.Create(new AnsiConsoleSettings
        {
            Out = output,
            Ansi = output.IsTerminal ? AnsiSupport.Yes : AnsiSupport.No,
            Interactive = output.IsTerminal ? InteractionSupport.Yes : InteractionSupport.No,
        }));
        builder.Services.AddDemo(options);
        var app = builder.Build();
        _recorder.Map(app);
        return app;
    }

    private static async Task RunToTheEndAsync(WebApplication app)
    {
        var run = app.RunAsync();
        await run.WaitAsync(TimeSpan.FromSeconds(60));
    }

    private static string WithoutTimes(JsonObject step)
    {
        var copy = step.DeepClone().AsObject();
        copy.Remove("timestamp");
        copy.Remove("duration_ms");
        return copy.ToJsonString();
    }
}
