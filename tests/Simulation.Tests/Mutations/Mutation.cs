using Rollbook.Archive;
using Rollbook.Episodes;
using Rollbook.Simulation.Tests.Engine;
using Rollbook.StepLog;

namespace Rollbook.Simulation.Tests.Mutations;

/// <summary>A rule of the protocol that is taken away. This one takes none.</summary>
internal class Mutation
{
    public static readonly Mutation None = new();

    /// <summary>The device behind the network.</summary>
    public virtual IStepLogStorage Storage(World world, IStepLogStorage store) => store;

    /// <summary>The device as one silo reaches it.</summary>
    public virtual IStepLogStorage Device(IStepLogStorage device) => device;

    /// <summary>The object device of one silo, where the seed keeps logs in an object store.</summary>
    public virtual IStepLogStorage Objects(World world, IObjectContainer store, ObjectStepLogOptions options, TimeProvider time) =>
        Storage(world, new ObjectStepLogStorage(store, options, time, world.Random.Next()));

    /// <summary>The header store behind the network.</summary>
    public virtual IHeaderStore Headers(World world, IHeaderStore store) => store;

    /// <summary>What a silo does when another asks it to release an episode.</summary>
    public virtual ValueTask<ReleaseReply> ReleaseAsync(LogService service, WriteAheadLog log, EpisodeKey key, long term) =>
        service.ReleaseAsync(key, term, CancellationToken.None);

    /// <summary>What a silo does when an activation of its own asks it to release an episode.</summary>
    public virtual ValueTask<ReleaseReply> ReleaseOwnAsync(LogService service, WriteAheadLog log, EpisodeKey key, long term) =>
        service.ReleaseAsync(key, term, CancellationToken.None);

    /// <summary>The archive's store behind the network.</summary>
    public virtual IArchiveStore Archive(IArchiveStore store) => store;

    /// <summary>Whether chunks are freed that no pack holds.</summary>
    public virtual bool FreesUnpacked => false;

    /// <summary>Whether the trimmer moves its mark while the log is being fenced.</summary>
    public virtual bool TrimsWhileFencing => false;
}
