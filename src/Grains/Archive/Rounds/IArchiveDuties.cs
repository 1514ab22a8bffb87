using Rollbook.StepLog;

namespace Rollbook.Archive;

/// <summary>
/// Says whose turn the work is that one silo of a cluster should do for all. Nothing depends on its being one: two that do the same work lose a compare-and-swap and
/// some time.
/// </summary>
public interface IArchiveDuties
{
    /// <summary>Whether this silo packs the dead logs at this time.</summary>
    /// <param name="packed">Dead logs of which this silo knows that every record is in a published pack.</param>
    /// <param name="cancellation">Ends the question.</param>
    /// <returns>Whether it is this silo's turn, and the logs that other silos know to be packed.</returns>
    ValueTask<(bool Mine, IReadOnlyCollection<LogId> Packed)> PackDeadAsync(IReadOnlyCollection<LogId> packed, CancellationToken cancellation);

    /// <summary>Whether this silo compacts a project, applies its rules of retention, and deletes what counts no more.</summary>
    ValueTask<bool> CompactAsync(string project, CancellationToken cancellation);
}
