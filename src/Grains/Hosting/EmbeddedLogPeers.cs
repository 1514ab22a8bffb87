using Rollbook.Episodes;
using Rollbook.StepLog;

namespace Rollbook.Hosting;

/// <summary>The peers of a silo that holds its data directory alone: itself. The directory's lock proves every other log dead.</summary>
internal sealed class EmbeddedLogPeers(LogService own, WriteAheadLog log) : ILogPeers
{
    /// <inheritdoc/>
    public ValueTask<ReleaseReply> ReleaseAsync(LogRow owner, EpisodeKey key, long term, CancellationToken cancellation) =>
        owner.Log == own.Log
            ? own.ReleaseAsync(key, term, cancellation)
            : ValueTask.FromResult(new ReleaseReply(ReleaseOutcome.Dead, null));

    /// <inheritdoc/>
    public ValueTask<bool> IsDeadAsync(LogRow owner, CancellationToken cancellation) => ValueTask.FromResult(owner.Log != own.Log);

    /// <inheritdoc/>
    public async ValueTask<List<IndexEntry>?> FramesAsync(LogRow owner, EpisodeKey key, long from, int limit, CancellationToken cancellation) =>
        owner.Log == own.Log ? await log.FramesOfAsync(key, from, limit, cancellation) : null;

    /// <inheritdoc/>
    public async ValueTask<HeldEpisodes?> HeldAsync(LogRow owner, string project, CancellationToken cancellation) =>
        owner.Log == own.Log ? await log.EpisodesAsync(project, cancellation) : null;

    /// <inheritdoc/>
    public ValueTask<bool> PackAsync(LogRow owner, CancellationToken cancellation) => ValueTask.FromResult(false);
}
