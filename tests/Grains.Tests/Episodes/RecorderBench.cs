using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Rollbook.Archive;
using Rollbook.Episodes;
using Rollbook.Recovery;
using Rollbook.StepLog;
using Rollbook.Testing;

namespace Rollbook.Grains.Tests.Episodes;

/// <summary>The storage that silos share, and the silos.</summary>
internal sealed class RecorderBench : ILogPeers
{
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan BetweenRounds = TimeSpan.FromSeconds(5);
    private readonly Dictionary<LogId, BenchSilo> alive = [];
    private int minted;

    public RecorderBench(int segmentBytes = 64 << 10)
    {
        Options = new StepLogOptions { SegmentBytes = segmentBytes, ChunkBytes = 4 << 10, MaxBytesInFlight = 1 << 20 };
        Storage = new DisturbedStepLogStorage(new MemoryStepLogStorage());
    }

    public FakeTimeProvider Time { get; } = new();

    public StepLogOptions Options { get; }

    public DisturbedStepLogStorage Storage { get; }

    public FaultyLogIndexStore Indexes { get; } = new(new MemoryLogIndexStore());

    public MemoryLogRegistry Registry { get; } = new();

    public MemoryHeaderStore Headers { get; } = new();

    /// <summary>What silos use in place of <see cref="Registry"/> and <see cref="Headers"/>.</summary>
    public (ILogRegistry Registry, IHeaderStore Headers)? Shared { get; init; }

    /// <summary>How long what a dead silo has sent may arrive.</summary>
    public TimeSpan LateWindow { get; init; } = LateWrites.Window;

    public MemoryArchiveStore Archive { get; } = new();

    /// <summary>Where silos pack dead logs; null = where the caller runs.</summary>
    public TaskScheduler? DeadBackground { get; init; }

    /// <summary>Cuts silos that started before off from the archive and the headers.</summary>
    public StoreFaults Faults { get; set; } = new();

    public ArchiveOptions ArchiveOptions { get; } = new() { PackBytes = 1 << 20 };

    /// <summary>Starts a silo.</summary>
    /// <param name="gate">What all its calls to the stores pass; null = they just pass.</param>
    public async Task<BenchSilo> StartAsync(CallGate? gate = null)
    {
        var (registry, headers) = Shared ?? (Registry, Headers);
        var stores = new BenchStores(
            gate is null ? Storage : new GatedStepLogStorage(Storage, gate), gate is null ? Indexes : new GatedLogIndexStore(Indexes, gate),
            gate is null ? registry : new GatedLogRegistry(registry, gate), gate is null ? headers : new GatedHeaderStore(headers, gate),
            gate is null ? Archive : new GatedArchiveStore(Archive, gate));
        var log = new WriteAheadLog(NewLog(), stores.Storage, stores.Indexes, Options, Time, new StepLogMeter());
        await log.StartAsync(CancellationToken.None);
        await stores.Registry.InsertAsync(
            new LogRow { Log = log.Id, Address = "test", Generation = minted, BootId = "b", ProcessId = 1, CreatedAt = 0 }, CancellationToken.None);
        stores = stores with { Archive = new FaultyArchiveStore(stores.Archive, Faults), Headers = new FaultyHeaderStore(stores.Headers, Faults) };
        var frames = new FrameSource(stores.Storage, new PackedLogs(new ManifestStore(stores.Archive), stores.Archive));
        var recovery = new LogRecovery(stores.Registry, stores.Storage, stores.Indexes, stores.Headers, frames, Time, NullLogger<LogRecovery>.Instance) { LateWindow = LateWindow };
        var core = new RecorderCore(log, stores.Headers, stores.Registry, this, recovery, frames, Time, () => $"nonce-{Interlocked.Increment(ref minted)}");
        var silo = new BenchSilo(this, stores, log, core, recovery);
        alive[log.Id] = silo;
        return silo;
    }

    /// <summary>Ends a silo without clean-up.</summary>
    public void Kill(BenchSilo silo) => alive.Remove(silo.Log.Id);

    public ValueTask<ReleaseReply> ReleaseAsync(LogRow owner, EpisodeKey key, long term, CancellationToken cancellation) =>
        alive.TryGetValue(owner.Log, out var silo)
            ? new LogService(silo.Log).ReleaseAsync(key, term, cancellation)
            : ValueTask.FromResult(new ReleaseReply(ReleaseOutcome.Dead, null));

    public ValueTask<bool> IsDeadAsync(LogRow owner, CancellationToken cancellation) => ValueTask.FromResult(!alive.ContainsKey(owner.Log));

    public async ValueTask<List<IndexEntry>?> FramesAsync(LogRow owner, EpisodeKey key, long from, int limit, CancellationToken cancellation) =>
        alive.TryGetValue(owner.Log, out var silo) ? await silo.Log.FramesOfAsync(key, from, limit, cancellation) : null;

    public async ValueTask<HeldEpisodes?> HeldAsync(LogRow owner, string project, CancellationToken cancellation) =>
        alive.TryGetValue(owner.Log, out var silo) ? await silo.Log.EpisodesAsync(project, cancellation) : null;

    public async ValueTask<bool> PackAsync(LogRow owner, CancellationToken cancellation)
    {
        if (!alive.TryGetValue(owner.Log, out var silo)) return false;
        await silo.Rounds.PackOwnAsync(cancellation);
        return true;
    }

    /// <summary>Rounds of recovery until no episode is left in a dead log.</summary>
    public async Task RecoverAsync(BenchSilo silo)
    {
        await silo.Recovery.FenceDeadAsync(silo.Log.Id, this, CancellationToken.None);
        while (await silo.Recovery.RoundAsync(silo.Log.Id, key => silo.Activate(key).NudgeAsync().AsTask(), CancellationToken.None) > 0) Time.Advance(BetweenRounds);
    }

    /// <summary>The manifest as it is stored.</summary>
    public ValueTask<Manifest> ManifestAsync(string project = EpisodeKey.DefaultProject) => new ManifestStore(Archive).ReadAsync(project, CancellationToken.None);

    /// <summary>An episode's entries in the durable indexes of a log.</summary>
    public async Task<List<IndexEntry>> IndexedAsync(LogId log, EpisodeKey key)
    {
        var found = new List<IndexEntry>();
        for (var segment = 0; await Indexes.GetAsync(log, SegmentIndexCodec.NameOf(segment), CancellationToken.None) is { } bytes; segment++)
            found.AddRange(SegmentIndexCodec.TryRead(log, bytes)!.Of(key));
        return found;
    }

    /// <summary>The rows of an episodes file.</summary>
    public async Task<IReadOnlyList<EpisodeRow>> RowsAsync(ManifestFile file)
    {
        await using var readers = new PackReaders(Archive, TaskScheduler.Default);
        return await readers.EpisodesAsync(file.Name, EpisodeKey.DefaultProject, CancellationToken.None);
    }

    public LogId NewLog() => new((UInt128)Interlocked.Increment(ref minted));

    public EpisodeKey NewKey() => new(EpisodeKey.DefaultProject, new EpisodeId((UInt128)Interlocked.Increment(ref minted)));
}

/// <summary>One silo of a bench.</summary>
internal sealed class BenchSilo : IDoomedEpisodes
{
    private readonly RecorderBench bench;
    private readonly WriteAheadLog log;
    private readonly RecorderCore core;
    private readonly LogRecovery recovery;

    public BenchSilo(RecorderBench bench, BenchStores stores, WriteAheadLog log, RecorderCore core, LogRecovery recovery)
    {
        (this.bench, this.log, this.core, this.recovery) = (bench, log, core, recovery);
        var manifests = new ManifestStore(stores.Archive);
        Deletions = core.NewDeletions(stores.Archive, manifests, this, bench.NewLog, NullLogger<Deletions>.Instance);
        Rounds = new ArchiveRounds(
            core.NewArchiver(stores.Archive, manifests, bench.ArchiveOptions),
            core.NewCompactor(stores.Archive, manifests, stores.Indexes, stores.Registry, bench.ArchiveOptions, bench.NewLog, NullLogger<Compactor>.Instance),
            new Janitor(stores.Archive, manifests, stores.Indexes, stores.Headers, bench.Time), manifests, core, stores.Registry, bench.ArchiveOptions, new ArchiveMeter(),
            NullLogger<ArchiveRounds>.Instance, Deletions,
            core.NewEraser(stores.Archive, manifests, stores.Registry, bench.ArchiveOptions, bench.NewLog, NullLogger<Eraser>.Instance)) { DeadBackground = bench.DeadBackground };
        Sources = new ArchivedSources(core, manifests, stores.Archive, Rounds, stores.Registry, bench);
    }

    public WriteAheadLog Log => log;

    public LogRecovery Recovery => recovery;

    public RecorderCore Core => core;

    /// <summary>What packs and compacts in this silo.</summary>
    public ArchiveRounds Rounds { get; }

    /// <summary>What deletes episodes in this silo.</summary>
    public Deletions Deletions { get; }

    /// <summary>What queries read in this silo.</summary>
    public ArchivedSources Sources { get; }

    /// <summary>Deleted episodes that their workers were told of.</summary>
    public HashSet<(EpisodeKey Key, string Worker)> Forgotten { get; } = [];

    /// <summary>Endings that activations told of.</summary>
    public List<EpisodeRecord> Told { get; } = [];

    /// <summary>A new activation of an episode.</summary>
    public EpisodeOwner Activate(EpisodeKey key, Func<EpisodeRecord, ValueTask<RollbookCode>>? scored = null) =>
        new(key, core, Told.Add, static () => { }, scored);

    public async ValueTask<RollbookCode> AbortAsync(EpisodeKey key) =>
        (await Activate(key).EndAsync(new EndEpisode { Status = EpisodeStatus.Aborted, Cause = "deleted" })).Code;

    public ValueTask ForgetAsync(EpisodeKey key, string worker)
    {
        lock (Forgotten) Forgotten.Add((key, worker));
        return ValueTask.CompletedTask;
    }

    /// <summary>A new episode with its activation.</summary>
    public async Task<(EpisodeOwner Owner, EpisodeKey Key)> OpenAsync(EpisodeKey? wanted = null)
    {
        var key = wanted ?? bench.NewKey();
        var owner = Activate(key);
        var reply = await owner.OpenAsync(Opening(key));
        return reply.Code == RollbookCode.Ok ? (owner, key) : throw new InvalidOperationException($"The episode was not opened: {reply.Code}.");
    }

    public static OpenEpisode Opening(EpisodeKey key) => new()
    {
        Record = new EpisodeRecord { Key = key, Worker = "w", Task = "t", VariantId = "v", StartTime = 1, DeadlineSeconds = 60, StartHash = 7 },
    };

    public static AppendSteps Batch(long from, int count, string salt = "s", long? epoch = null) =>
        new() { From = from, Steps = TestSteps.Range(salt, from, count), WriterEpoch = epoch };

    public static EndEpisode Completed(long? next, double? score = 0.5) =>
        new() { Status = EpisodeStatus.Completed, FinalScore = score, NextOrdinal = next };
}

/// <summary>The stores as one silo reaches them.</summary>
internal sealed record BenchStores(IStepLogStorage Storage, ILogIndexStore Indexes, ILogRegistry Registry, IHeaderStore Headers, IArchiveStore Archive);
