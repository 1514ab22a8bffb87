using Rollbook.Archive;
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
    private readonly double alertness;
    private int strikes;
    private int zombieTrims;
    private int lostReleases;
    private int lives;

    public SimCluster(World world, SimNetwork network, Mutation mutation, bool usesObjects)
    {
        this.world = world;
        this.network = network;
        Mutation = mutation;
        Stores = new SimStores(world, mutation, usesObjects);
        Options = new StepLogOptions
        {
            SegmentBytes = 4096 << world.Random.Next(0, 3),
            ChunkBytes = 1024 << world.Random.Next(0, 3),
            MaxBytesInFlight = world.Chance(0.2) ? 6_000 : 1 << 20,
            CommitMilliseconds = usesObjects ? world.Random.Next(0, 60) : null,
        };
        strikes = world.Random.Next(0, 12);
        zombieTrims = world.Random.Next(0, 6);
        lostReleases = world.Random.Next(0, 4);
        alertness = 0.15 * world.Random.NextDouble();
        DuplicateActivations = world.Chance(0.5) ? 0.15 : 0;
    }

    public Mutation Mutation { get; }

    public SimStores Stores { get; }

    public StepLogOptions Options { get; }

    /// <summary>
    /// Seconds that a run lives to see. Lost episodes stay open to a resume: the silos' wall clocks are years apart, and only a recorder's clock says when a day is over.
    /// </summary>
    public ArchiveOptions ArchiveOptions { get; } = new() { PackBytes = 1 << 20, CompactSeconds = 1, LostSeconds = int.MaxValue, MergePacks = 3 };

    /// <summary>The fences that are being put.</summary>
    public FenceSignal Fences { get; } = new();

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

    /// <summary>How the silos stand.</summary>
    public string Describe() => string.Join("; ", silos.Select(s =>
        $"{s.Lane.Name} log {s.LogId.Value & 0xFFFF:x4} serving {s.Serving} paused {s.Lane.Paused} dead {IsDeclaredDead(s.LogId)} "
        + $"in flight {s.Log.BytesInFlight} durable {s.Log.DurableEnd} poisoned {s.Log.Poisoned.IsCompleted} full {s.Log.IsFull}"));

    /// <summary>How an episode's claims stand.</summary>
    public string Describe(EpisodeKey key) => $"    {key.Id.Value & 0xFF:x2}: " + string.Join("; ", silos.Select(s => s.Log.Find(key) is not { } claim
        ? $"{s.Lane.Name} none"
        : $"{s.Lane.Name} term {claim.Term} {claim.State} closed {claim.Closed} durable to {claim.DurableNext} of {claim.Tail.NextOrdinal} commit {claim.LastCommit.Status}"));

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

    /// <summary>
    /// A silo begins something that must not be half done: now and then it crashes just then, or stands still, or is taken for dead.
    /// </summary>
    /// <returns>Whether something will happen.</returns>
    public bool Moment(SimSilo silo)
    {
        if (strikes <= 0 || !world.Chance(alertness)) return false;
        strikes--;
        var soon = world.Between(0, world.Chance(0.5) ? 0.3 : 0.02);
        var kind = world.Random.Next(4);
        world.After(soon, () => world.Lane.Post(() => Strike(silo, kind)));
        return true;
    }

    /// <summary>A silo is about to move its mark: it is taken for dead, and moves it while another fences it.</summary>
    /// <returns>Whether it will be so.</returns>
    public bool AboutToTrim(SimSilo silo)
    {
        if (zombieTrims <= 0 || !world.Chance(0.3)) return false;
        zombieTrims--;
        DeclareDead(silo.LogId);
        return true;
    }

    /// <summary>A silo was asked to release an episode of which steps are in flight: it crashes before they have arrived.</summary>
    public void AskedToRelease(SimSilo silo, EpisodeKey key)
    {
        if (lostReleases <= 0 || silo.Log.Find(key) is not { } claim || claim.DurableNext == claim.Tail.NextOrdinal || !world.Chance(0.5)) return;
        lostReleases--;
        world.After(world.Between(0, 0.05), () => world.Lane.Post(() => Crash(silo, declareDead: true)));
    }

    /// <summary>No more of it: the run comes to its end.</summary>
    public void Calm() => strikes = zombieTrims = lostReleases = 0;

    public void Pause(SimSilo silo, TimeSpan time)
    {
        if (silo.Lane.Paused || silo.Lane.Dead) return;
        silo.Lane.Pause();
        world.Log($"{silo.Lane.Name} stands still for {time.TotalSeconds:F3}s");
        world.After(time, silo.Lane.Resume);
    }

    private void Strike(SimSilo silo, int kind)
    {
        if (kind == 0) Crash(silo, declareDead: true);
        if (kind == 1) Pause(silo, world.Between(0.01, 4));
        if (kind >= 1) DeclareDead(silo.LogId);
    }

    /// <summary>Membership says from now on that a silo is dead, whether or not it is.</summary>
    public void DeclareDead(LogId log)
    {
        if (declaredDead.Add(log)) world.Log($"log {log.Value & 0xFFFF:x4} is declared dead");
    }
}
