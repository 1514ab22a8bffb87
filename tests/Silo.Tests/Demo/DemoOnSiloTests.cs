using System.Text;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Rollbook.Client;
using Rollbook.Silo.Demo;
using Rollbook.Silo.Hosting;
using Rollbook.Testing;
using Spectre.Console;
using Xunit;

namespace Rollbook.Silo.Tests.Demo;

/// <summary>The demo against the real recorder: web server, silo and disk.</summary>
public sealed class DemoOnSiloTests
{
    [Fact]
    public async Task Run_WhenItIsTheRealSilo_RecordsWhatThePlansPlayAcrossARestart()
    {
        using var directory = new TempDirectory();
        var output = new TestOutput(isTerminal: false);
        await RunDemoAsync(directory.Path, output, exit: 32);
        Assert.Contains("The demo ended after", output.Text);
        Assert.Contains(" 0 running, ", output.Text);
        Assert.Contains("Three questions to the recorder:", output.Text, StringComparison.Ordinal);
        Assert.Matches(@"  fix-\S+ +\d+ of \d+ groups, mean score \d", output.Text);
        Assert.Matches(@"  demo-policy-\d+ +pass@1 \d+% of \d+ groups, pass@8 ", output.Text);
        Assert.Matches(@"  (superseded|lost|aborted) +\w+ +\d+ x  \S", output.Text);
        Assert.DoesNotContain("no answer", output.Text, StringComparison.Ordinal);

        // Another process' worth of memory: what is read now comes from the disk.
        await using var app = SiloHost.Build(["--urls", "http://127.0.0.1:0", "--data", directory.Path]);
        await SiloHost.StartAsync(app);
        var address = app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First();
        using var client = new RollbookHttpClient(new RollbookHttpOptions { BaseAddress = new Uri(address) });
        var endings = new Dictionary<string, int>();
        for (var worker = 0; worker < 16; worker++)
        {
            var info = await client.GetWorkerAsync($"demo.{worker:00}");
            Assert.Null(info.Current);
            foreach (var episode in info.History)
                endings[await CheckAsync(client, episode.EpisodeId)] = endings.GetValueOrDefault(episode.Status) + 1;
        }
        Assert.InRange(endings["completed"] + endings.GetValueOrDefault("superseded") + endings.GetValueOrDefault("lost"), 32, 48);
        Assert.InRange(endings["superseded"], 1, 16);
        await app.StopAsync();
    }

    private static async Task RunDemoAsync(string directory, TestOutput output, int exit)
    {
        await using var app = SiloHost.Build(["--urls", "http://127.0.0.1:0", "--data", directory, "--demo", "--exit", $"{exit}"], builder =>
        {
            builder.Services.AddSingleton(AnsiConsole.Create(new AnsiConsoleSettings { Out = output, Ansi = AnsiSupport.No }));
            builder.Services.AddSingleton(new DemoOptions { Exit = exit, Pause = TimeSpan.Zero, Restart = TimeSpan.FromMilliseconds(100) });
        });
        await SiloHost.StartAsync(app);
        await app.WaitForShutdownAsync().WaitAsync(TimeSpan.FromSeconds(120));
        // The host has told to stop; the demo's closing lines come before.
        await output.WaitForAsync("The demo ended after", CancellationToken.None);
    }

    private static async Task<string> CheckAsync(RollbookHttpClient client, string id)
    {
        var record = await client.GetEpisodeAsync(id);
        var plan = EpisodePlan.For(1, int.Parse(record.GroupId![^3..]), record.Attempt!.Value);
        var rollout = new RepairRollout(plan);
        var played = rollout.Play().Select(step => Comparable(step.ToJson(0, 0))).ToList();
        var recorded = new List<string>();
        await foreach (var line in client.ReadStepsAsync(id))
            recorded.Add(Comparable(line.Json));
        if (record.Status == "completed")
            Assert.Equal((rollout.Environment.Score, rollout.Environment.EndCause, played.Count), (record.FinalScore, record.EndCause, recorded.Count));
        Assert.Equal(played.Take(recorded.Count), recorded);
        return record.Status;
    }

    // The recorder fills in defaults; here only what was sent counts.
    private static string Comparable(ReadOnlyMemory<byte> json)
    {
        var step = JsonNode.Parse(Encoding.UTF8.GetString(json.Span))!.AsObject();
        string[] names =
        [
            "step_number", "action_type", "action_path", "action_query", "action_content", "observation_snapshot", "reward", "cumulative_reward", "done",
            "error", "file_diff", "test_pass_rate", "security_flags", "thought",
        ];
        return string.Join('\n', names.Select(name => $"{name}={step[name]?.ToJsonString()}"));
    }
}
