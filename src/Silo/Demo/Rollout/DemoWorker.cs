using System.Text.Json.Nodes;
using Rollbook.Client;

namespace Rollbook.Silo.Demo;

/// <summary>
/// One simulated environment worker. It records through the public API and nothing else: start, each step in lockstep, end. Now and then
/// its process vanishes or hangs in the middle of an episode.
/// </summary>
internal sealed class DemoWorker(int index, string run, RollbookHttpClient client, DemoOptions options, DemoBoard board, TimeProvider time)
{
    private readonly Random _pace = new(options.Seed + index);
    private Recording? _open;

    /// <summary>The worker's name, as recorded.</summary>
    public string Name { get; } = $"{options.Name}.{index:00}";

    /// <summary>The group that an episode belongs to; the run is part of it, so that a second run's siblings are others.</summary>
    public static string GroupId(string run, int group) => $"{run}-g{group:000}";

    /// <summary>Plays episode after episode until it is told to stop.</summary>
    /// <param name="leave">Ends the playing between two steps; the open episode is aborted.</param>
    /// <param name="cancellationToken">Ends it at once, as a crash would.</param>
    public async Task RunAsync(CancellationToken leave, CancellationToken cancellationToken)
    {
        using var both = CancellationTokenSource.CreateLinkedTokenSource(leave, cancellationToken);
        var teams = options.Workers / EpisodePlan.GroupSize;
        // Not all in one breath.
        await QuietPauseAsync(options.Pause * (index / (double)options.Workers), both.Token);
        for (var group = index / EpisodePlan.GroupSize; !both.IsCancellationRequested; group += teams)
        {
            var plan = EpisodePlan.For(options.Seed, group, index % EpisodePlan.GroupSize);
            try
            {
                await PlayAsync(plan, both.Token, cancellationToken);
            }
            catch (OperationCanceledException) when (both.IsCancellationRequested)
            {
            }
            catch (RollbookException refusal) when (refusal.Code == "episode_ended" && _open is not null)
            {
                // Its deadline came first: the machine slept, or the disk did.
                await TellEndAsync(_open, cancellationToken);
            }
            catch (RollbookException failure) when (!both.IsCancellationRequested)
            {
                board.Failed($"{Name}: {failure.Message}");
                await QuietPauseAsync(options.Restart, both.Token);
            }
        }
        if (!cancellationToken.IsCancellationRequested)
            await LeaveAsync(cancellationToken);
    }

    private async Task PlayAsync(EpisodePlan plan, CancellationToken leave, CancellationToken cancellationToken)
    {
        var rollout = new RepairRollout(plan);
        await StartAsync(plan, rollout, cancellationToken);
        foreach (var (step, took) in Timed(rollout.Play()))
        {
            var line = step.ToJson(Now(), took.TotalMilliseconds);
            var sent = time.GetTimestamp();
            var ack = await client.AppendAsync(_open!.Id, _open.Next, line, _open.Epoch, cancellationToken);
            board.Acknowledged(time.GetElapsedTime(sent));
            _open = _open with { Next = ack.NextOrdinal };
            await PauseAsync(options.Pause * (0.6 + 0.8 * _pace.NextDouble()), leave);
        }
        if (plan.Fate == Fate.Vanish && rollout.Environment.EndCause is null)
            await PauseAsync(options.Restart, leave);
        else if (plan.Fate == Fate.Hang && rollout.Environment.EndCause is null)
            await HangAsync(leave, cancellationToken);
        else
            await EndAsync(rollout.Environment, cancellationToken);
    }

    private async Task StartAsync(EpisodePlan plan, RepairRollout rollout, CancellationToken cancellationToken)
    {
        var started = await client.StartAsync(
            Name,
            new EpisodeStart
            {
                Task = plan.Task.Name,
                VariantId = RepairTask.VariantId(plan.Variant),
                GroupId = GroupId(run, plan.Group),
                Attempt = plan.Attempt,
                Seed = plan.Seed,
                PolicyVersion = $"demo-policy-{plan.PolicyVersion}",
                Environment = "code-repair",
                InitialObservation = Utf8(rollout.Environment.Begin()),
                Metadata = Utf8(new JsonObject { ["demo"] = true, ["skill"] = Math.Round(plan.Skill, 2) }),
                DeadlineSeconds = (int)options.Deadline.TotalSeconds,
                Writer = "demo",
            },
            cancellationToken: cancellationToken);
        var crashed = _open;
        _open = new Recording(started.EpisodeId, plan, started.NextOrdinal, started.WriterEpoch);
        board.Started();
        // An episode of an earlier run isn't one of this board's.
        if (crashed is not null)
            await TellEndAsync(crashed, cancellationToken);
    }

    private async Task EndAsync(RepairEnvironment environment, CancellationToken cancellationToken)
    {
        var (id, plan, next, epoch) = _open!;
        var ended = await client.EndAsync(
            id,
            new EpisodeEnd { NextOrdinal = next, FinalScore = environment.Score, EndCause = environment.EndCause, WriterEpoch = epoch },
            cancellationToken);
        _open = null;
        board.EndedAs(new EndedRollout(id, Name, plan, ended.Status, ended.EndCause, ended.FinalScore, ended.NextOrdinal));
    }

    // The process says nothing more; the recorder finds out by itself.
    private async Task HangAsync(CancellationToken leave, CancellationToken cancellationToken)
    {
        while (true)
        {
            await PauseAsync(options.Restart, leave);
            var record = await client.GetEpisodeAsync(_open!.Id, cancellationToken);
            if (record.IsRunning)
                continue;
            Tell(_open, record);
            _open = null;
            return;
        }
    }

    private async Task LeaveAsync(CancellationToken cancellationToken)
    {
        if (_open is not { } open)
            return;
        try
        {
            await client.AbortAsync(open.Id, "the demo ended", cancellationToken);
        }
        catch (RollbookException refusal) when (refusal.Code is "end_conflict" or "episode_ended")
        {
        }
        await TellEndAsync(open, cancellationToken);
    }

    private async Task TellEndAsync(Recording recording, CancellationToken cancellationToken)
    {
        Tell(recording, await client.GetEpisodeAsync(recording.Id, cancellationToken));
        if (ReferenceEquals(_open, recording))
            _open = null;
    }

    private void Tell(Recording recording, EpisodeInfo record) =>
        board.EndedAs(new EndedRollout(
            recording.Id, Name, recording.Plan, record.Status, record.EndCause, record.FinalScore, record.NextOrdinal));

    private IEnumerable<(RepairStep Step, TimeSpan Took)> Timed(IEnumerable<RepairStep> steps)
    {
        using var each = steps.GetEnumerator();
        while (true)
        {
            var start = time.GetTimestamp();
            if (!each.MoveNext())
                yield break;
            yield return (each.Current, time.GetElapsedTime(start));
        }
    }

    private Task PauseAsync(TimeSpan pause, CancellationToken cancellationToken) => Task.Delay(pause, time, cancellationToken);

    private async Task QuietPauseAsync(TimeSpan pause, CancellationToken cancellationToken) =>
        await PauseAsync(pause, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);

    private double Now() => time.GetUtcNow().ToUnixTimeMilliseconds() / 1000.0;

    private static byte[] Utf8(JsonNode json) => System.Text.Encoding.UTF8.GetBytes(json.ToJsonString());

    private sealed record Recording(string Id, EpisodePlan Plan, long Next, long Epoch);
}
