using Microsoft.Extensions.Logging.Abstractions;
using Rollbook.Archive;
using Rollbook.Episodes;
using Rollbook.Recovery;
using Rollbook.Simulation.Tests.Engine;
using Rollbook.Simulation.Tests.Network;
using Rollbook.StepLog;

namespace Rollbook.Simulation.Tests.Cluster;

/// <summary>One life of one silo process: the real log, claims, readers and recovery, over stores that it reaches through a bad network.</summary>
internal sealed class SimSilo
{
    private static readonly StepLogMeter Meter = new();
    private static readonly ArchiveMeter ArchiveMeter = new();

    private readonly World world;
    private readonly SimCluster cluster;
    private readonly IStepLogStorage storage;
    private readonly ILogIndexStore indexes;
    private readonly SimRegistry registry;
    private readonly LogRecovery recovery;
    private readonly SimPeers peers;
    private readonly SimArchive archiving;
    private readonly DoubtfulClaims doubtful;
    private readonly Dictionary<EpisodeKey, List<EpisodeOwner>> activations = [];

    public SimSilo(World world, SimNetwork network, SimCluster cluster, string name)
    {
        this.world = world;
        this.cluster = cluster;
        Lane = new Lane(world, name);
        Clock = new SimClock(world, Lane) { Offset = cluster.ClockOffset() };
        LogId = new LogId(EpisodeId.New(Clock, world.Random).Value);
        var stores = cluster.Stores;
        (storage, indexes) = stores.Objects is { } objects
            ? OpenObjects(new SimContainer(world, network, objects))
            : (cluster.Mutation.Device(new SimStorage(world, network, stores.Storage, Clock, () => cluster.Moment(this), cluster.Fences.Begin)), new SimIndexStore(network, stores.Indexes));
        registry = new SimRegistry(world, network, stores.Registry);
        var headers = new SimHeaders(world, network, stores.Headers, () => cluster.Moment(this));
        Log = new WriteAheadLog(LogId, storage, indexes, cluster.Options, Clock, Meter);
        Service = new LogService(Log);
        var archive = new SimArchiveStore(network, stores.Archive);
        var manifests = new ManifestStore(archive);
        var frames = new FrameSource(storage, new PackedLogs(manifests, archive, Lane));
        recovery = new LogRecovery(registry, storage, indexes, headers, frames, Clock, new RecoveryFailures(world));
        peers = new SimPeers(world, network, cluster, this, cluster.Mutation);
        Core = new RecorderCore(Log, headers, registry, peers, recovery, frames, Clock, () => $"nonce-{world.Random.NextInt64():x}");
        doubtful = new DoubtfulClaims(Log, headers, Clock, key => WakeAsync(Activation(key)));
        var hurried = new HurriedRegistry(world, registry, stores, LogId, cluster.Mutation, Clock, () => cluster.AboutToTrim(this), cluster.Fences);
        var compactor = Core.NewCompactor(
            archive, manifests, indexes, registry, cluster.ArchiveOptions, () => new LogId(EpisodeId.New(Clock, world.Random).Value), NullLogger<Compactor>.Instance);
        archiving = new SimArchive(world, Clock, new ArchiveRounds(
            Core.NewArchiver(archive, manifests, cluster.ArchiveOptions), compactor, new Janitor(archive, manifests, indexes, headers, Clock), manifests, Core, hurried,
            cluster.ArchiveOptions, ArchiveMeter, NullLogger<ArchiveRounds>.Instance), Core, hurried, cluster.Mutation);
    }

    public Lane Lane { get; }

    public SimClock Clock { get; }

    public LogId LogId { get; }

    public WriteAheadLog Log { get; }

    public LogService Service { get; }

    public RecorderCore Core { get; }

    /// <summary>Takes calls.</summary>
    public bool Serving { get; private set; }

    /// <summary>Rounds of recovery that ended with nothing left.</summary>
    public int CleanRounds { get; private set; }

    /// <summary>Starts as the hosted service does: open the log, register it, then serve and recover.</summary>
    public async Task StartAsync()
    {
        await Log.StartAsync(CancellationToken.None);
        var row = new LogRow { Log = LogId, Address = Lane.Name, Generation = 1, BootId = "sim", ProcessId = 1, CreatedAt = 0 };
        while (true)
        {
            try
            {
                await registry.InsertAsync(row, CancellationToken.None);
                break;
            }
            catch (TimeoutException)
            {
            }
        }

        Serving = true;
        world.Log($"{Lane.Name} serves with log {LogId.Value & 0xFFFF:x4}");
        _ = WatchAsync();
        _ = RoundsAsync();
        _ = archiving.RunAsync();
    }

    /// <summary>The activation that the directory names; now and then a second one, or a new one.</summary>
    public EpisodeOwner Activation(EpisodeKey key)
    {
        if (!activations.TryGetValue(key, out var known)) activations[key] = known = [];
        known.RemoveAll(static owner => owner.Deposed);
        if (known.Count > 0 && world.Chance(0.02))
        {
            var leaving = world.Pick(known);
            known.Remove(leaving);
            leaving.Leave();
        }

        if (known.Count == 0 || (known.Count < 3 && world.Chance(cluster.DuplicateActivations))) known.Add(Activate(key));
        return world.Pick(known);
    }

    private (IStepLogStorage Storage, ILogIndexStore Indexes) OpenObjects(IObjectContainer container)
    {
        var options = new ObjectStepLogOptions { MaxInFlight = world.Random.Next(1, 5), ReadAhead = world.Random.Next(1, 5) };
        var device = cluster.Mutation.Objects(world, container, options, Clock);
        return (
            cluster.Mutation.Device(new WatchedStorage(world, device, () => cluster.Moment(this), cluster.Fences.Begin)),
            new ObjectLogIndexStore(container, options, Clock, world.Random.Next()));
    }

    private EpisodeOwner Activate(EpisodeKey key)
    {
        EpisodeOwner? owner = null;
        owner = new EpisodeOwner(key, Core, _ => { }, () => Lane.Post(() => _ = WakeAsync(owner!)));
        return owner;
    }

    private async Task<long?> WakeAsync(EpisodeOwner owner)
    {
        try
        {
            var term = await owner.NudgeAsync();
            await owner.CheckDeadlineAsync();
            return term;
        }
        catch (TimeoutException)
        {
            // The next round wakes it again.
        }
        catch (Exception failure)
        {
            world.Fail($"a wake failed: {failure}");
        }

        return null;
    }

    private async Task WatchAsync()
    {
        var reason = await Log.Poisoned;
        world.Log($"{Lane.Name} is poisoned: {reason.GetType().Name}");
        if (reason is not (LogFencedException or TimeoutException)) world.Fail($"the log of {Lane.Name} was poisoned by {reason}");
        await Task.Delay(world.Between(0, 2), Clock);
        cluster.Crash(this, declareDead: world.Chance(0.7));
    }

    private async Task RoundsAsync()
    {
        while (true)
        {
            try
            {
                var unfenced = await recovery.FenceDeadAsync(LogId, peers, CancellationToken.None);
                var left = unfenced + await recovery.RoundAsync(LogId, key => WakeAsync(Activation(key)), CancellationToken.None);
                await doubtful.SweepAsync(CancellationToken.None);
                CleanRounds = left == 0 ? CleanRounds + 1 : 0;
            }
            catch (TimeoutException)
            {
                // The next round tries again.
            }
            catch (Exception failure)
            {
                world.Fail($"a round of recovery failed: {failure}");
            }

            await Task.Delay(world.Between(0.5, 5), Clock);
        }
    }
}
