using Rollbook.StepLog;

namespace Rollbook.Episodes;

/// <summary>The log services of all silos, this one's included, found by a log's registry row.</summary>
/// <remarks>Identity is the log id: a silo that answers for another log answers <see cref="ReleaseOutcome.Dead"/> for the wanted one.</remarks>
public interface ILogPeers
{
    /// <summary>
    /// Asks the silo of a log to stop writing an episode: it raises the minimum term to <paramref name="term"/> + 1, then waits for what is in flight,
    /// then returns the tail. Nothing of a lower term is acknowledged after it.
    /// </summary>
    /// <param name="owner">The log's registry row.</param>
    /// <param name="key">The episode.</param>
    /// <param name="term">The header's term, which names that log.</param>
    /// <param name="cancellation">Cancels the wait only.</param>
    ValueTask<ReleaseReply> ReleaseAsync(LogRow owner, EpisodeKey key, long term, CancellationToken cancellation);

    /// <summary>
    /// Whether the process of a log is known to be gone, as the directory's lock or membership proves: its log may be fenced unasked. False = it runs, or
    /// nobody knows.
    /// </summary>
    ValueTask<bool> IsDeadAsync(LogRow owner, CancellationToken cancellation);

    /// <summary>An episode's durable frames in a live log; null where its silo does not answer.</summary>
    ValueTask<List<IndexEntry>?> FramesAsync(LogRow owner, EpisodeKey key, long from, int limit, CancellationToken cancellation);

    /// <summary>What a live log tells queries of a project's episodes; null where its silo does not answer in the time that a query may take.</summary>
    ValueTask<HeldEpisodes?> HeldAsync(LogRow owner, string project, CancellationToken cancellation);

    /// <summary>Has a live log packed as it is at this moment; false where its silo does not answer.</summary>
    ValueTask<bool> PackAsync(LogRow owner, CancellationToken cancellation);
}
