using System.Collections.Concurrent;
using Rollbook.Episodes;
using Rollbook.StepLog;

namespace Rollbook.Simulation.Tests.Duplicates;

/// <summary>The log services of all silos of this process, by log id.</summary>
internal sealed class SharedLogs
{
    private readonly ConcurrentDictionary<LogId, (LogService Service, WriteAheadLog Log)> running = new();

    /// <summary>The peers of one silo, which is reachable from now on.</summary>
    public ILogPeers Join(LogService service, WriteAheadLog log)
    {
        running[log.Id] = (service, log);
        return new Peers(running);
    }

    private sealed class Peers(ConcurrentDictionary<LogId, (LogService Service, WriteAheadLog Log)> running) : ILogPeers
    {
        public ValueTask<ReleaseReply> ReleaseAsync(LogRow owner, EpisodeKey key, long term, CancellationToken cancellation) =>
            running.TryGetValue(owner.Log, out var found)
                ? found.Service.ReleaseAsync(key, term, cancellation)
                : ValueTask.FromResult(new ReleaseReply(ReleaseOutcome.Dead, null));

        public ValueTask<bool> IsDeadAsync(LogRow owner, CancellationToken cancellation) => ValueTask.FromResult(!running.ContainsKey(owner.Log));

        public async ValueTask<List<IndexEntry>?> FramesAsync(LogRow owner, EpisodeKey key, long from, int limit, CancellationToken cancellation) =>
            running.TryGetValue(owner.Log, out var found) ? await found.Log.FramesOfAsync(key, from, limit, cancellation) : null;

        public async ValueTask<HeldEpisodes?> HeldAsync(LogRow owner, string project, CancellationToken cancellation) =>
            running.TryGetValue(owner.Log, out var found) ? await found.Log.EpisodesAsync(project, cancellation) : null;

        public ValueTask<bool> PackAsync(LogRow owner, CancellationToken cancellation) => ValueTask.FromResult(false);
    }
}
