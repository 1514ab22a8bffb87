using Rollbook.Archive;
using Rollbook.StepLog;

namespace Rollbook.Hosting;

/// <summary>The duties of a silo that is alone: all.</summary>
internal sealed class SoleArchiveDuties : IArchiveDuties
{
    /// <inheritdoc/>
    public ValueTask<(bool Mine, IReadOnlyCollection<LogId> Packed)> PackDeadAsync(IReadOnlyCollection<LogId> packed, CancellationToken cancellation) =>
        ValueTask.FromResult<(bool Mine, IReadOnlyCollection<LogId> Packed)>((true, []));

    /// <inheritdoc/>
    public ValueTask<bool> CompactAsync(string project, CancellationToken cancellation) => ValueTask.FromResult(true);
}
