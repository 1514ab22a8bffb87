using System.Text;
using Rollbook.Testing;

namespace Rollbook.Client.Tests.Gateway.Reads;

/// <summary>Reads against a real recorder, over its gateway.</summary>
public sealed class ReadsTests
{
    private const string Odd = """{"step_number":-5,"timestamp":1.50,"action_type":"a\u0062","action_path":"","action_content":"","observation_snapshot":[1e400,null],"reward":"NaN","cumulative_reward":1.0,"done":true,"error":"e","file_diff":{"path":"p","before":null,"after":"x","chars_changed":1,"more":[{}]},"test_pass_rate":"Infinity","duration_ms":2.50,"security_flags":["f\n"],"thought":"t","response":"r","agent_id":"i","extra":{"k":1.0}}""";

    [Fact]
    public async Task ReadStepsAsync_WhenEveryFieldIsThere_GivesTheBytesAndTheValues()
    {
        using var directory = new TempDirectory();
        await using var recorder = await RecorderHost.StartAsync(directory.Path);
        await using var client = await ConnectAsync(recorder);
        await using var log = client.CreateLogger("w");
        await log.StartEpisodeAsync("t", "v");
        await log.RecordAsync(Encoding.UTF8.GetBytes(Odd));

        var recorded = Assert.Single(await log.ReadStepsAsync().ToListAsync());

        Assert.Equal(Odd, recorded.ToString());
        var step = recorded.Step;
        Assert.Equal((-5, 1.5, "ab", "", "", null), (step.StepNumber, step.Timestamp, step.ActionType, step.ActionPath, step.ActionContent, step.ActionQuery));
        Assert.Equal("[1e400,null]", step.Observation.ToString());
        Assert.Equal((double.NaN, 1.0, true, "e"), (step.Reward, step.CumulativeReward, step.Done, step.Error));
        Assert.Equal(new FileDiff("p", null, "x", 1), step.FileDiff);
        Assert.Equal((double.PositiveInfinity, 2.5), (step.TestPassRate, step.DurationMs));
        Assert.Equal(["f\n"], step.SecurityFlags);
        Assert.Equal(("t", "r", "i", """{"k":1.0}"""), (step.Thought, step.Response, step.AgentId, step.Extra.ToString()));
    }

    [Fact]
    public async Task ReadStepsAsync_WhenOnlyTheActionWasSent_FillsTheDefaults()
    {
        using var directory = new TempDirectory();
        await using var recorder = await RecorderHost.StartAsync(directory.Path);
        await using var client = await ConnectAsync(recorder);
        await using var log = client.CreateLogger("w");
        await log.StartEpisodeAsync("t", "v");
        await log.RecordLinesAsync("{\"action_type\":\"a\"}\n{\"action_type\":\"b\"}"u8.ToArray());

        var second = Assert.Single(await log.ReadStepsAsync(from: 1).ToListAsync());

        Assert.Equal((1, """{"action_type":"b"}"""), (second.Ordinal, second.ToString()));
        Assert.Equal(
            new Step { StepNumber = 2, Timestamp = second.ReceivedAt, ActionType = "b", SecurityFlags = second.Step.SecurityFlags },
            second.Step);
        Assert.True(second.Step.Observation.IsAbsent);
        Assert.Empty(second.Step.SecurityFlags);
    }

    [Fact]
    public async Task ReadStepsAsync_WhenLongerThanAPage_GivesEachOnceAndKeepsToTheLimit()
    {
        using var directory = new TempDirectory();
        await using var recorder = await RecorderHost.StartAsync(directory.Path);
        await using var client = await ConnectAsync(recorder);
        await using var log = client.CreateLogger("w");
        var id = await log.StartEpisodeAsync("t", "v");
        await log.RecordStepsAsync([.. Enumerable.Range(0, 2500).Select(i => new Step { StepNumber = i, ActionType = "a" })]);

        var all = await client.ReadStepsAsync(id).Select(step => step.Step.StepNumber!.Value).ToListAsync();
        var some = await client.ReadStepsAsync(id, from: 900, limit: 1200).Select(step => step.Ordinal).ToListAsync();

        Assert.Equal(Enumerable.Range(0, 2500).Select(i => (long)i), all);
        Assert.Equal(Enumerable.Range(900, 1200).Select(i => (long)i), some);
        Assert.Empty(await client.ReadStepsAsync(id, from: 2500).ToListAsync());
    }

    [Fact]
    public async Task TailAsync_WhenTheRecorderIsRestartedInTheMiddle_BringsEachStepOnceThenTheRecord()
    {
        using var directory = new TempDirectory();
        var recorder = await RecorderHost.StartAsync(directory.Path);
        var port = recorder.GatewayPort;
        await using var client = await ConnectAsync(recorder);
        await using var log = client.CreateLogger("w");
        var id = await log.StartEpisodeAsync("t", "v");
        await log.RecordStepAsync(new Step { ActionType = "a0" });
        await using var tail = client.TailAsync(id).GetAsyncEnumerator();
        Assert.True(await tail.MoveNextAsync());
        Assert.Equal("a0", tail.Current.Step!.Step.ActionType);

        var waiting = tail.MoveNextAsync().AsTask();
        await recorder.DisposeAsync();
        recorder = await RecorderHost.StartAsync(directory.Path, gatewayPort: port);
        await using var second = recorder;
        await log.RecordStepAsync(new Step { ActionType = "a1" });
        await log.EndEpisodeAsync(0.5, "done");

        Assert.True(await waiting);
        Assert.Equal((1, "a1"), (tail.Current.Step!.Ordinal, tail.Current.Step.Step.ActionType));
        Assert.True(await tail.MoveNextAsync());
        Assert.Null(tail.Current.Step);
        Assert.Equal((EpisodeStatus.Completed, 0.5, "done", 2), (tail.Current.Ended!.Status, tail.Current.Ended.FinalScore, tail.Current.Ended.EndCause, tail.Current.Ended.StepCount));
        Assert.False(await tail.MoveNextAsync());
    }

    [Fact]
    public async Task TailAsync_WhenCancelled_Ends()
    {
        using var directory = new TempDirectory();
        await using var recorder = await RecorderHost.StartAsync(directory.Path);
        await using var client = await ConnectAsync(recorder);
        await using var log = client.CreateLogger("w");
        await log.StartEpisodeAsync("t", "v");
        using var cancel = new CancellationTokenSource();
        await using var tail = log.TailAsync(cancellationToken: cancel.Token).GetAsyncEnumerator();

        var waiting = tail.MoveNextAsync().AsTask();
        await cancel.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting);
    }

    [Fact]
    public async Task FourShapes_WhenAnEpisodeRunsAfterAnEndedOne_ShowTheRunningOneAndTheHistory()
    {
        using var directory = new TempDirectory();
        await using var recorder = await RecorderHost.StartAsync(directory.Path);
        await using var client = await ConnectAsync(recorder);
        await using var log = client.CreateLogger("w");
        var first = await log.StartEpisodeAsync("t1", "v");
        await log.RecordStepAsync(new Step { StepNumber = 7, ActionType = "a" });
        await log.EndEpisodeAsync();
        var second = await log.StartEpisodeAsync(new EpisodeStart { Task = "t2", VariantId = "v", Metadata = """{"m":1.0}"""u8.ToArray() });
        await log.RecordStepsAsync([
            new Step { ActionType = "write_file", ActionPath = "a.py", ActionQuery = "", ActionContent = "x", Reward = 0.5, DurationMs = 2, TestPassRate = 0.25, SecurityFlags = ["s"] },
            new Step { ActionType = "run_tests", Error = "e" }]);

        var trajectory = await log.GetTrajectoryAsync();
        var timeline = await log.GetStepTimelineAsync();

        Assert.Equal((second, "t2", 2, 2L, 0.0, """{"m":1.0}"""), (trajectory!.EpisodeId, trajectory.Task, trajectory.Steps.Count, trajectory.TotalSteps, trajectory.FinalScore, trajectory.Metadata.ToString()));
        Assert.Equal([new ReplayAction("write_file", "a.py", null, "x"), new ReplayAction("run_tests", null, null, null)], await log.GetReplayActionsAsync());
        Assert.Equal(new TimelineStep(1, "write_file", "a.py", 0.5, null, 2, 0.25, timeline[0].SecurityFlags), timeline[0]);
        Assert.Equal((2, "run_tests", "e"), (timeline[1].Step, timeline[1].Action, timeline[1].Error));
        var ended = Assert.Single(await log.GetHistorySummaryAsync());
        Assert.Equal((first, "t1", 0.0, 7), (ended.EpisodeId, ended.Task, ended.FinalScore, ended.TotalSteps));
        var worker = await log.ReadWorkerAsync();
        Assert.Equal((second, first, null), (worker!.Current!.Id, Assert.Single(worker.History).Id, worker.History[0].FinalScore));
    }

    [Fact]
    public async Task Reads_WhenNothingWasRecorded_SaySo()
    {
        using var directory = new TempDirectory();
        await using var recorder = await RecorderHost.StartAsync(directory.Path);
        await using var client = await ConnectAsync(recorder);
        await using var log = client.CreateLogger("nobody");

        Assert.Null(await log.GetTrajectoryAsync());
        Assert.Empty(await log.GetReplayActionsAsync());
        Assert.Empty(await log.GetStepTimelineAsync());
        Assert.Empty(await log.GetHistorySummaryAsync());
        Assert.Null(await log.ReadWorkerAsync());
        Assert.Throws<NoEpisodeException>(() => log.TailAsync());
        var unknown = EpisodeId.New(TimeProvider.System);
        await Assert.ThrowsAsync<EpisodeNotFoundException>(() => client.ReadEpisodeAsync(unknown));
        await Assert.ThrowsAsync<EpisodeNotFoundException>(() => client.TailAsync(unknown).ToListAsync().AsTask());
    }

    [Fact]
    public async Task ReadEpisodeAsync_WhileItRuns_GivesTheSumsAndTheSilence()
    {
        using var directory = new TempDirectory();
        await using var recorder = await RecorderHost.StartAsync(directory.Path);
        await using var client = await ConnectAsync(recorder);
        await using var log = client.CreateLogger("w");
        await log.StartEpisodeAsync("t", "v");
        await log.RecordStepsAsync([new Step { ActionType = "a", Reward = 0.5, Error = "e" }, new Step { ActionType = "b", Reward = 0.25 }]);

        var state = await log.ReadEpisodeAsync();

        Assert.Equal((EpisodeStatus.Running, 2, 1, 0.75), (state.Record.Status, state.Record.StepCount, state.Summary.Errors, state.Summary.RewardSum));
        Assert.NotNull(state.Silence);
        await log.EndEpisodeAsync();
        Assert.Null((await log.ReadEpisodeAsync()).Silence);
    }

    private static Task<RollbookClient> ConnectAsync(RecorderHost recorder) => RollbookClient.ConnectAsync(
        new RollbookClientOptions { Gateways = $"127.0.0.1:{recorder.GatewayPort}", GiveUpAfter = TimeSpan.FromSeconds(60), CallTimeout = TimeSpan.FromSeconds(6) });
}
