using Rollbook.Recovery;
using Rollbook.StepLog;

namespace Rollbook.Episodes;

/// <summary>All logs that can be read from here: this silo's own, the dead ones, and those of silos that answer.</summary>
internal sealed class LogLibrary(WriteAheadLog own, LogRows rows, LogRecovery recovery, ILogPeers peers)
{
    /// <summary>An episode's durable frames in one log from an ordinal on, in log order, and whether the log has a damaged place.</summary>
    /// <exception cref="OwnerUnavailableException">The log's silo is alive, or may be, and did not answer.</exception>
    public async ValueTask<(List<IndexEntry> Entries, bool Damaged)> FramesAsync(
        LogId log, EpisodeKey key, long from, int limit, CancellationToken cancellation)
    {
        if (log == own.Id) return (await own.FramesOfAsync(key, from, limit, cancellation), false);
        var row = await rows.ReadAsync(log, cancellation) ?? throw new OwnerUnavailableException(log);
        if (row.State is LogState.Open or LogState.Fencing)
        {
            var live = await peers.FramesAsync(row, key, from, limit, cancellation) ?? throw new OwnerUnavailableException(log);
            return (live, false);
        }

        return await recovery.FramesAsync(log, key, from, limit, cancellation);
    }

    /// <summary>Whether another silo may be writing a log at this moment.</summary>
    public async ValueTask<bool> IsLiveElsewhereAsync(LogId log, CancellationToken cancellation) =>
        log != own.Id && (await rows.ReadAsync(log, cancellation))?.State is LogState.Open or LogState.Fencing;
}
