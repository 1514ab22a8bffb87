using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Rollbook.Archive;

namespace Rollbook.Hosting;

/// <summary>
/// Packs and compacts in the background for as long as the silo is active. Nothing is packed at the stop: the next process does it, and a stop is quick.
/// </summary>
internal sealed partial class ArchiveService(
    ArchiveRounds rounds, ArchiveThreads threads, Retention retention, IArchiveDuties duties, IOptions<ArchiveOptions> options, TimeProvider time, ILogger<ArchiveService> logger) : ILifecycleParticipant<ISiloLifecycle>
{
    private static readonly TimeSpan Tick = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan BetweenDeadLogs = TimeSpan.FromSeconds(5);
    // Answers are not complete meanwhile.
    private static readonly TimeSpan WhileLogsAreUnseen = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan BetweenRetentions = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan LongestBetweenCompactions = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan AfterFailure = TimeSpan.FromSeconds(5);

    private readonly CancellationTokenSource stopping = new();
    private Task running = Task.CompletedTask;

    /// <inheritdoc/>
    public void Participate(ISiloLifecycle lifecycle) =>
        lifecycle.Subscribe<ArchiveService>(ServiceLifecycleStage.Active, BeginAsync, EndAsync);

    private async Task BeginAsync(CancellationToken cancellation)
    {
        await rounds.FindDeadAsync(cancellation);
        var betweenCompactions = TimeSpan.FromSeconds(Math.Min(options.Value.CompactSeconds, LongestBetweenCompactions.TotalSeconds));
        running = Task.WhenAll(
            Task.Run(() => AgainAsync(() => Tick, PackOwnAsync), CancellationToken.None),
            Task.Run(() => AgainAsync(() => rounds.UnseenLogs.Count > 0 ? WhileLogsAreUnseen : BetweenDeadLogs, PackDeadAsync), CancellationToken.None),
            Task.Run(() => AgainAsync(() => BetweenRetentions, RetainAsync), CancellationToken.None),
            Task.Factory.StartNew(
                () => AgainAsync(() => betweenCompactions, async () => await rounds.CompactAsync(stopping.Token, MayCompactAsync)),
                CancellationToken.None, TaskCreationOptions.DenyChildAttach, threads.Compacting).Unwrap());
    }

    private async Task EndAsync(CancellationToken cancellation)
    {
        await stopping.CancelAsync();
        await running.WaitAsync(cancellation);
    }

    private async Task PackOwnAsync()
    {
        while (rounds.Due) await rounds.PackStretchAsync(stopping.Token);
    }

    private async Task PackDeadAsync()
    {
        var (mine, packed) = await duties.PackDeadAsync(rounds.PackedLogs, stopping.Token);
        rounds.KnowPacked(packed);
        if (mine) await rounds.PackDeadAsync(stopping.Token);
        else await rounds.FindDeadAsync(stopping.Token);
    }

    private ValueTask<bool> MayCompactAsync(string project) => duties.CompactAsync(project, stopping.Token);

    private async Task RetainAsync()
    {
        // Before the first compaction no project is known, and nothing old is there to be missed for a minute.
        if (!retention.Due) return;
        var mine = new List<string>();
        foreach (var project in rounds.Projects)
            if (await MayCompactAsync(project)) mine.Add(project);
        if (mine.Count > 0) await retention.RunAsync(mine, stopping.Token);
    }

    private async Task AgainAsync(Func<TimeSpan> pause, Func<Task> round)
    {
        while (!stopping.IsCancellationRequested)
        {
            TimeSpan wait;
            try
            {
                await round();
                wait = pause();
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
