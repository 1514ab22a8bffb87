using Rollbook.Episodes;
using Rollbook.Simulation.Tests.Engine;
using Rollbook.Simulation.Tests.Mutations;
using Rollbook.Simulation.Tests.Network;
using Rollbook.StepLog;

namespace Rollbook.Simulation.Tests.Cluster;

/// <summary>The log services of all silos as one silo reaches them. Membership says who is dead, and may say it of one that runs on.</summary>
internal sealed class SimPeers(World world, SimNetwork network, SimCluster cluster, SimSilo own, Mutation mutation) : ILogPeers
{
    public async ValueTask<ReleaseReply> ReleaseAsync(LogRow owner, EpisodeKey key, long term, CancellationToken cancellation)
    {
        if (owner.Log == own.LogId) return await mutation.ReleaseOwnAsync(own.Service, own.Log, key, term);
        if (cluster.IsDeclaredDead(owner.Log)) return new ReleaseReply(ReleaseOutcome.Dead, null);
        var target = cluster.Find(owner.Log);
        if (target is null) return new ReleaseReply(ReleaseOutcome.NoAnswer, null);
        try
        {
            return await network.SendAsync(
                () => target.Lane.Run(async () =>
                {
                    cluster.AskedToRelease(target, key);
                    return await mutation.ReleaseAsync(target.Service, target.Log, key, term);
                }),
                5);
        }
        catch (TimeoutException)
        {
            return new ReleaseReply(ReleaseOutcome.NoAnswer, null);
        }
        finally
        {
            world.Log($"{own.Lane.Name} asked {target.Lane.Name} to release {key.Id.Value & 0xFF:x2} term {term}");
        }
    }

    public ValueTask<bool> IsDeadAsync(LogRow owner, CancellationToken cancellation) => ValueTask.FromResult(cluster.IsDeclaredDead(owner.Log));

    public async ValueTask<List<IndexEntry>?> FramesAsync(LogRow owner, EpisodeKey key, long from, int limit, CancellationToken cancellation)
    {
        if (owner.Log == own.LogId) return await own.Log.FramesOfAsync(key, from, limit, cancellation);
        var target = cluster.Find(owner.Log);
        if (target is null || cluster.IsDeclaredDead(owner.Log)) return null;
        try
        {
            return await network.SendAsync(() => target.Lane.Run(async () => await target.Log.FramesOfAsync(key, from, limit, CancellationToken.None)), 5);
        }
        catch (TimeoutException)
        {
            return null;
        }
    }

    // Queries are no part of the simulation.
    public ValueTask<HeldEpisodes?> HeldAsync(LogRow owner, string project, CancellationToken cancellation) => throw new NotSupportedException();

    public ValueTask<bool> PackAsync(LogRow owner, CancellationToken cancellation) => throw new NotSupportedException();
}
