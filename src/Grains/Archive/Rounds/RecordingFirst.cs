namespace Rollbook.Archive;

/// <summary>
/// Lets recording have the processors while more comes than can be packed: the archiver pauses between two packs then, and catches up when the burst is over. It never
/// pauses while it keeps up, and no longer once the log has grown to <see cref="ArchiveOptions.BurstBytes"/>.
/// </summary>
internal static class RecordingFirst
{
    // Under them a machine has time for both: what a thread waits then is its neighbours' short turns.
    private const double LeastWaitedShare = 0.3;

    // One fifth of what it would take otherwise.
    private const int Pauses = 4;

    // So soon it sees that a burst is over.
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(2);

    /// <summary>How long to pause before the next pack.</summary>
    /// <param name="took">How long the last one took.</param>
    /// <param name="queue">How its thread ran and waited meanwhile; null = not known.</param>
    /// <param name="backlog">Bytes of the log that no pack holds yet.</param>
    /// <param name="options">The bounds.</param>
    public static TimeSpan PauseAfter(TimeSpan took, RunQueue? queue, long backlog, ArchiveOptions options)
    {
        if (queue is not { } known || known.WaitedShare < LeastWaitedShare) return TimeSpan.Zero;
        if (backlog < 2L * options.PackBytes || backlog >= options.BurstBytes) return TimeSpan.Zero;
        return took * Pauses is var pause && pause < Longest ? pause : Longest;
    }
}
