using Microsoft.Extensions.Logging;
using Rollbook.Episodes;
using Rollbook.Recovery;
using Rollbook.StepLog;

namespace Rollbook.Hosting;

/// <summary>
/// Starts and stops the recorder with its silo. Before the silo is active: every dead log of this storage is fenced, the own one is open and registered. Then
/// recovery goes on in rounds. At the stop: flush, close, and fence the own log, so that the next process recovers at once.
/// </summary>
internal sealed partial class RecorderService(
    RecorderCore core, ILogRegistry registry, ILogPeers peers, LogRecovery recovery, LogFence fence, IGrainFactory grains, TimeProvider time,
    PoisonHandler poison, ILocalSiloDetails silo, ILogger<RecorderService> logger) : ILifecycleParticipant<ISiloLifecycle>
{
    private static readonly TimeSpan BetweenRounds = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan BetweenIdleRounds = TimeSpan.FromSeconds(60);

    private readonly CancellationTokenSource stopping = new();
    private Task rounds = Task.CompletedTask;

    /// <inheritdoc/>
    public void Participate(ISiloLifecycle lifecycle)
    {
        lifecycle.Subscribe<RecorderService>(ServiceLifecycleStage.ApplicationServices, OpenAsync, CloseAsync);
        lifecycle.Subscribe<RecorderService>(ServiceLifecycleStage.Active, BeginRoundsAsync, EndRoundsAsync);
    }

    private async Task OpenAsync(CancellationToken cancellation)
    {
        // On one machine these are all others: holding the directory's lock proves it.
        await recovery.FenceDeadAsync(core.Log.Id, peers, cancellation);
        // Off the caller's context: the committer lives as long as the silo.
        await Task.Run(() => core.Log.StartAsync(cancellation), cancellation);
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
        if (!inserted) throw new InvalidOperationException($"The log {core.Log.Id} is registered already, which a new id never is.");
        _ = WatchAsync();
        LogOpened(core.Log.Id);
    }

    private Task BeginRoundsAsync(CancellationToken cancellation)
    {
        rounds = Task.Run(RoundsAsync, CancellationToken.None);
        return Task.CompletedTask;
    }

    private async Task RoundsAsync()
    {
        while (!stopping.IsCancellationRequested)
        {
            var left = 1;
            try
            {
                await recovery.FenceDeadAsync(core.Log.Id, peers, stopping.Token);
                left = await recovery.RoundAsync(core.Log.Id, NudgeAsync, stopping.Token);
            }
            catch (OperationCanceledException)
            {
                return;
            }
            catch (Exception failure)
            {
                LogRoundFailed(failure);
            }

            try
            {
                await Task.Delay(left > 0 ? BetweenRounds : BetweenIdleRounds, time, stopping.Token);
            }
            catch (OperationCanceledException)
            {
                return;
            }
        }
    }

    private async Task NudgeAsync(EpisodeKey key)
    {
        try
        {
            await grains.GetGrain<IEpisodeGrain>(key.ToString()).Nudge();
        }
        catch (Exception failure)
        {
            // The next round nudges it again.
            LogNudgeFailed(failure, key);
        }
    }

    private async Task EndRoundsAsync(CancellationToken cancellation)
    {
        await stopping.CancelAsync();
        await rounds.WaitAsync(cancellation);
    }

    private async Task CloseAsync(CancellationToken cancellation)
    {
        core.Deadlines.Dispose();
        await core.Log.CloseAsync().WaitAsync(cancellation);
        if (core.Log.Poisoned.IsCompleted) return;
        await fence.FenceAsync(core.Log.Id, cancellation);
        LogClosed(core.Log.Id);
    }

    private async Task WatchAsync()
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

    [LoggerMessage(Level = LogLevel.Debug, Message = "The episode {Key} was not woken; the next round tries again.")]
    private partial void LogNudgeFailed(Exception failure, EpisodeKey key);

    [LoggerMessage(Level = LogLevel.Critical, Message = "The log {Log} failed: nothing more is acknowledged, and the silo stops itself.")]
    private partial void LogPoisoned(Exception reason, LogId log);
}
