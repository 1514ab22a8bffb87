using Rollbook.Archive;
using Rollbook.Episodes;
using Rollbook.Simulation.Tests.Engine;
using Rollbook.Simulation.Tests.Mutations;
using Rollbook.Simulation.Tests.Network;
using Rollbook.StepLog;
using Rollbook.Testing;

namespace Rollbook.Simulation.Tests.Cluster;

/// <summary>What survives every crash.</summary>
internal sealed class SimStores(World world, Mutation mutation, bool usesObjects)
{
    /// <summary>Where the logs lie as objects; null where a seed uses the device in memory.</summary>
    public IObjectContainer? Objects { get; } = usesObjects ? new MemoryObjectContainer { PageSize = 1 + (world.Seed % 7) } : null;

    public IStepLogStorage Storage { get; } = mutation.Storage(world, new MemoryStepLogStorage());

    public ILogIndexStore Indexes { get; } = new MemoryLogIndexStore();

    public ILogRegistry Registry { get; } = new MemoryLogRegistry(world.Seed);

    public IHeaderStore Headers { get; } = mutation.Headers(world, new MemoryHeaderStore(world.Seed + 1));

    public IArchiveStore Archive { get; } = mutation.Archive(new MemoryArchiveStore(new SimClock(world, world.Lane)));
}
