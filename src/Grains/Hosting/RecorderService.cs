using Microsoft.Extensions.Logging;
using Rollbook.Cluster;
using Rollbook.Episodes;
using Rollbook.Recovery;
using Rollbook.StepLog;

namespace Rollbook.Hosting;

/// <summary>
/// Starts and stops the recorder with its silo. Before the silo is active its log is open, and on one machine every dead one is fenced; once it is active, the own log is
/// registered. Then recovery goes on in rounds. At the stop: flush, close, and fence the own log, so that the next process recovers at once.
/// </summary>
internal sealed partial class RecorderService(
    RecorderCore core, ILogRegistry registry, ILogPeers peers, LogRecovery recovery, LogFence fence, LogRegistration registration, EpisodeNudges nudges,
    IClusterMembershipService membership, TimeProvider time, PoisonHandler poison, ILocalSiloDetails silo, ILogger<RecorderService> logger,
    ClusterRecovery? cluster = null, DeadLogService? deadLogs = null, OwnLogWatch? watch = null) : ILifecycleParticipant<ISiloLifecycle>
{
    private static readonly TimeSpan BetweenRounds = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan BetweenIdleRounds = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan BetweenSweeps = TimeSpan.FromSeconds(5);

    private static readonly Task Never = new TaskCompletionSource().Task;

    private readonly CancellationTokenSource stopping = new();
    private readonly ReleasedClaims released = new(core.Log, core.Headers);
    private readonly DoubtfulClaims doubtful = new(core.Log, core.Headers, time, nudges.NudgeAsync);
    private TaskCompletionSource membershipChanged = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private Task running = Task.CompletedTask;

    /// <inheritdoc/>
    public void Participate(ISiloLifecycle lifecycle)
    {
        lifecycle.Subscribe<RecorderService>(ServiceLifecycleStage.ApplicationServices, OpenAsync, CloseAsync);
        lifecycle.Subscribe<RecorderService>(ServiceLifecycleStage.Active, BeginAsync, EndAsync);
    }

    private async Task OpenAsync(CancellationToken cancellation)
    {
        // On one machine these are all others: holding the directory's lock proves it. In a cluster the first round finds them.
        if (cluster is null) await recovery.FenceDeadAsync(core.Log.Id, peers, cancellation);
        // Off the caller's context: the committer lives as long as the silo.
        await Task.Run(() => core.Log.StartAsync(cancellation), cancellation);
        _ = EndWhenPoisonedAsync();
        LogOpened(core.Log.Id);
    }

    private async Task BeginAsync(CancellationToken cancellation)
    {
        var inserted = await registry.InsertAsync(
            new LogRow
            {
                Log = core.Log.Id,
                Address = silo.SiloAddress.Endpoint.ToString(),
                Generation = silo.SiloAddress.Generation,
                BootId = HostBoot.Id,
                ProcessId = Environment.ProcessId,
                CreatedAt = time.GetUtcNow().ToUnixTimeMilliseconds(),
            },
            cancellation);
        // A write that was answered with an error may have been applied, and is sent again by the store's client.
        if (!inserted && await registry.ReadAsync(core.Log.Id, cancellation) is not { State: LogState.Open } stored)
            throw new InvalidOperationException($"The log {core.Log.Id} is registered already, which a new id never is.");
        registration.Complete();
        running = Task.WhenAll(
            Task.Run(RoundsAsync, CancellationToken.None), Task.Run(SweepAsync, CancellationToken.None), Task.Run(WatchMembershipAsync, CancellationToken.None),
            Task.Run(WatchOwnLogAsync, CancellationToken.None));
    }

    private async Task RoundsAsync()
    {
        while (!stopping.IsCancellationRequested)
        {
            // Before the round: a change during it begins the next one.
            var changed = Volatile.Read(ref membershipChanged).Task;
            var left = 1;
            try
            {
                var unfenced = await recovery.FenceDeadAsync(core.Log.Id, peers, stopping.Token);
                left = unfenced + (cluster is null
                    ? await recovery.RoundAsync(core.Log.Id, nudges.NudgeAsync, stopping.Token)
                    : await recovery.RoundEachAsync(core.Log.Id, dead => cluster.RecoverAsync(dead, deadLogs!.RecoverAsync), stopping.Token));
            }
            catch (OperationCanceledException) when (stopping.IsCancellationRequested)
            {
                return;
            }
            catch (Exception failure)
            {
                LogRoundFailed(failure);
            }

            if (!await IsTimeAsync(left > 0 ? BetweenRounds : BetweenIdleRounds, changed)) return;
        }
    }

    private async Task<bool> IsTimeAsync(TimeSpan pause, Task changed)
    {
        try
        {
            await changed.WaitAsync(pause, time, stopping.Token);
        }
        catch (TimeoutException)
        {
            return true;
        }
        catch (OperationCanceledException)
        {
            return false;
        }

        return true;
    }

    private async Task WatchMembershipAsync()
    {
        try
        {
            await foreach (var _ in membership.MembershipUpdates.WithCancellation(stopping.Token))
                Interlocked.Exchange(ref membershipChanged, new(TaskCreationOptions.RunContinuationsAsynchronously)).TrySetResult();
        }
        catch (OperationCanceledException)
        {
            // The silo stops.
        }
    }

    private async Task SweepAsync()
    {
        while (await IsTimeAsync(BetweenSweeps, Never))
        {
            try
            {
                await released.SweepAsync(stopping.Token);
                await doubtful.SweepAsync(stopping.Token);
            }
            catch (Exception failure) when (!stopping.IsCancellationRequested)
            {
                LogRoundFailed(failure);
            }
            catch (OperationCanceledException)
            {
                return;
            }
        }
    }

    private async Task WatchOwnLogAsync()
    {
        if (watch is null || await watch.RunAsync(stopping.Token) is not { } reason) return;
        LogPoisoned(reason, core.Log.Id);
        poison.Handle(reason);
    }

    private async Task EndAsync(CancellationToken cancellation)
    {
        await stopping.CancelAsync();
        await running.WaitAsync(cancellation);
    }

    private async Task CloseAsync(CancellationToken cancellation)
    {
        core.Deadlines.Dispose();
        await core.Log.CloseAsync().WaitAsync(cancellation);
        if (core.Log.Poisoned.IsCompleted) return;
        // A silo that never became active has no row: nobody knows of its log, which is empty.
        if (!registration.Done.IsCompleted) return;
        await fence.FenceAsync(core.Log.Id, cancellation);
        LogClosed(core.Log.Id);
    }

    private async Task EndWhenPoisonedAsync()
    {
        var reason = await core.Log.Poisoned;
        LogPoisoned(reason, core.Log.Id);
        poison.Handle(reason);
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "The log {Log} is open.")]
    private partial void LogOpened(LogId log);

    [LoggerMessage(Level = LogLevel.Information, Message = "The log {Log} is closed and fenced.")]
    private partial void LogClosed(LogId log);

    [LoggerMessage(Level = LogLevel.Warning, Message = "A round of recovery failed; the next one tries again.")]
    private partial void LogRoundFailed(Exception failure);

    [LoggerMessage(Level = LogLevel.Critical, Message = "The log {Log} failed: nothing more is acknowledged, and the silo stops itself.")]
    private partial void LogPoisoned(Exception reason, LogId log);
}
