using Rollbook.Simulation.Tests.Engine;
using Rollbook.Simulation.Tests.Mutations;
using Rollbook.Simulation.Tests.Network;
using Rollbook.StepLog;

namespace Rollbook.Simulation.Tests.Cluster;

/// <summary>Three silos, the stores that they share, and what happens to them.</summary>
internal sealed class SimCluster
{
    private readonly World world;
    private readonly SimNetwork network;
    private readonly HashSet<LogId> declaredDead = [];
    private readonly List<SimSilo> silos = [];
    private int lives;

    public SimCluster(World world, SimNetwork network, Mutation mutation)
    {
        this.world = world;
        this.network = network;
        Mutation = mutation;
        Stores = new SimStores(world, mutation);
        Options = new StepLogOptions
        {
            SegmentBytes = 4096 << world.Random.Next(0, 3),
            ChunkBytes = 1024 << world.Random.Next(0, 3),
            MaxBytesInFlight = world.Chance(0.2) ? 6_000 : 1 << 20,
        };
        DuplicateActivations = world.Chance(0.5) ? 0.15 : 0;
    }

    public Mutation Mutation { get; }

    public SimStores Stores { get; }

    public StepLogOptions Options { get; }

    /// <summary>How likely a call meets a new activation beside the one there is.</summary>
    public double DuplicateActivations { get; }

    /// <summary>The processes that run, zombies included.</summary>
    public IReadOnlyList<SimSilo> Running => silos;

    public bool IsDeclaredDead(LogId log) => declaredDead.Contains(log);

    public SimSilo? Find(LogId log) => silos.Find(s => s.LogId == log && !s.Lane.Dead);

    /// <summary>Wall clocks that are off by an hour or by years.</summary>
    public TimeSpan ClockOffset() => world.Random.Next(8) switch
    {
        0 => TimeSpan.FromHours(1),
        1 => TimeSpan.FromHours(-1),
        2 => TimeSpan.FromDays(3652),
        3 => TimeSpan.FromDays(-3652),
        _ => TimeSpan.Zero,
    };

    /// <summary>Starts a process with a log of its own.</summary>
    public SimSilo StartSilo()
    {
        var silo = new SimSilo(world, network, this, $"silo{++lives}");
        silos.Add(silo);
        _ = silo.Lane.Run(silo.StartAsync).ContinueWith(
            failed =>
            {
                // It could not open its log: the process ends, and another is started.
                world.Log($"{silo.Lane.Name} did not start: {failed.Exception!.InnerException!.Message}");
                Crash(silo, declareDead: true);
            },
            CancellationToken.None, TaskContinuationOptions.OnlyOnFaulted, world.Lane);
        return silo;
    }

    /// <summary>All tasks of the process are gone; what it sent may still arrive.</summary>
    public void Crash(SimSilo silo, bool declareDead)
    {
        if (silo.Lane.Dead) return;
        world.Log($"{silo.Lane.Name} crashes");
        silo.Lane.Kill();
        silos.Remove(silo);
        if (declareDead) world.After(world.Between(0, 3), () => DeclareDead(silo.LogId));
    }

    /// <summary>Membership says from now on that a silo is dead, whether or not it is.</summary>
    public void DeclareDead(LogId log)
    {
        if (declaredDead.Add(log)) world.Log($"log {log.Value & 0xFFFF:x4} is declared dead");
    }
}
