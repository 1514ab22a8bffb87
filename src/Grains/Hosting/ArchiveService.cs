using Microsoft.Extensions.Logging;
using Rollbook.Archive;

namespace Rollbook.Hosting;

/// <summary>
/// Packs and compacts in the background for as long as the silo is active. Nothing is packed at the stop: the next process does it, and a stop is quick.
/// </summary>
internal sealed partial class ArchiveService(ArchiveRounds rounds, Retention retention, TimeProvider time, ILogger<ArchiveService> logger) : ILifecycleParticipant<ISiloLifecycle>
{
    private static readonly TimeSpan Tick = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan BetweenDeadLogs = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan BetweenCompactions = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan BetweenRetentions = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan AfterFailure = TimeSpan.FromSeconds(5);

    private readonly CancellationTokenSource stopping = new();
    private Task running = Task.CompletedTask;

    /// <inheritdoc/>
    public void Participate(ISiloLifecycle lifecycle) =>
        lifecycle.Subscribe<ArchiveService>(ServiceLifecycleStage.Active, BeginAsync, EndAsync);

    private Task BeginAsync(CancellationToken cancellation)
    {
        running = Task.WhenAll(
            Task.Run(() => AgainAsync(Tick, PackOwnAsync), CancellationToken.None),
            Task.Run(() => AgainAsync(BetweenDeadLogs, async () => await rounds.PackDeadAsync(stopping.Token)), CancellationToken.None),
            Task.Run(() => AgainAsync(BetweenRetentions, RetainAsync), CancellationToken.None),
            Task.Run(() => AgainAsync(BetweenCompactions, async () => await rounds.CompactAsync(stopping.Token)), CancellationToken.None));
        return Task.CompletedTask;
    }

    private async Task EndAsync(CancellationToken cancellation)
    {
        await stopping.CancelAsync();
        await running.WaitAsync(cancellation);
    }

    private async Task PackOwnAsync()
    {
        if (rounds.Due) await rounds.PackOwnAsync(stopping.Token);
    }

    private async Task RetainAsync()
    {
        // Before the first compaction no project is known, and nothing old is there to be missed for a minute.
        if (retention.Due && rounds.Projects is { Count: > 0 } projects) await retention.RunAsync(projects, stopping.Token);
    }

    private async Task AgainAsync(TimeSpan pause, Func<Task> round)
    {
        while (!stopping.IsCancellationRequested)
        {
            var wait = pause;
            try
            {
                await round();
            }
            catch (OperationCanceledException) when (stopping.IsCancellationRequested)
            {
                return;
            }
            catch (Exception failure)
            {
                LogRoundFailed(failure);
                wait = AfterFailure;
            }

            try
            {
                await Task.Delay(wait, time, stopping.Token);
            }
            catch (OperationCanceledException)
            {
                return;
            }
        }
    }

    [LoggerMessage(Level = LogLevel.Debug, Message = "A round of the archive failed; the next one tries again.")]
    private partial void LogRoundFailed(Exception failure);
}
