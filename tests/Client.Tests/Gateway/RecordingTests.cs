using System.Text;
using Rollbook.Testing;

namespace Rollbook.Client.Tests.Gateway;

/// <summary>The client against a real recorder, over its gateway.</summary>
public sealed class RecordingTests
{
    [Fact]
    public async Task Episode_WhenRecordedOverTheGateway_IsReadBackWhole()
    {
        using var directory = new TempDirectory();
        await using var recorder = await RecorderHost.StartAsync(directory.Path);
        await using var client = await RollbookClient.ConnectAsync(new RollbookClientOptions { Gateways = $"127.0.0.1:{recorder.GatewayPort}", GiveUpAfter = TimeSpan.FromSeconds(3) });
        await using var log = client.CreateLogger("w");

        var id = await log.StartEpisodeAsync("fix-bug-17", "v3");
        var first = await log.RecordStepAsync(new Step { StepNumber = 1, ActionType = "read_file", Reward = 0.5, Observation = JsonValue.Of(new { lines = 40 }) });
        var second = await log.RecordAsync("""{"action_type": "run_tests", "reward": 1.50}"""u8.ToArray());
        await log.EndEpisodeAsync(0.75, "submitted");

        Assert.Equal((0, 1), (first, second));
        var page = await recorder.Episode(id).ReadSteps(0, 10, TimeSpan.Zero);
        Assert.Equal(
            ["""{"step_number":1,"action_type":"read_file","observation_snapshot":{"lines":40},"reward":0.5,"cumulative_reward":0,"done":false,"duration_ms":0}""",
                """{"action_type":"run_tests","reward":1.50}"""],
            TestSteps.Lines(page.Steps));
        var view = await recorder.Episode(id).Read();
        Assert.Equal((EpisodeStatus.Completed, 0.75, "submitted", 2), (view.Record!.Status, view.Record.FinalScore, view.Record.EndCause, view.Record.StepCount));
    }

    [Fact]
    public async Task RecordStepAsync_WhenNotAwaitedOneByOne_KeepsTheOrderOfTheCalls()
    {
        using var directory = new TempDirectory();
        await using var recorder = await RecorderHost.StartAsync(directory.Path);
        await using var client = await RollbookClient.ConnectAsync(new RollbookClientOptions { Gateways = $"127.0.0.1:{recorder.GatewayPort}", GiveUpAfter = TimeSpan.FromSeconds(3) });
        await using var log = client.CreateLogger("w");
        var id = await log.StartEpisodeAsync("t", "v");

        var calls = Enumerable.Range(0, 2000).Select(i => log.RecordStepAsync(new Step { StepNumber = i, ActionType = "a" }).AsTask()).ToList();
        var ordinals = await Task.WhenAll(calls);

        Assert.Equal(Enumerable.Range(0, 2000).Select(i => (long)i), ordinals);
        await log.EndEpisodeAsync();
        Assert.Equal(2000, (await recorder.Episode(id).Read()).Record!.StepCount);
        var page = await recorder.Episode(id).ReadSteps(0, 2000, TimeSpan.Zero);
        Assert.Contains("\"step_number\":1234,", TestSteps.Lines(page.Steps)[1234], StringComparison.Ordinal);
    }
}
