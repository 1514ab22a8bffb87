using System.Collections.Concurrent;
using Rollbook.Archive;
using Rollbook.Episodes;
using Rollbook.StepLog;
using Rollbook.Testing;

namespace Rollbook.Cluster.Tests.Silos;

/// <summary>The storage that all silos of a cluster share, in memory, which counts what a take-over may not do often.</summary>
internal sealed class SharedStores : IDisposable
{
    private readonly MemoryHeaderStore headers = new();

    /// <param name="gate">
    /// What each call to logs, headers and registry passes; the logs then lie in an object store, as those of a real cluster do. Null: a device in memory, without a gate.
    /// </param>
    public SharedStores(CallGate? gate = null)
    {
        var registry = new MemoryLogRegistry();
        if (gate is null)
        {
            (Storage, Indexes) = (new CountingStorage(new MemoryStepLogStorage()), new MemoryLogIndexStore());
            (Headers, Registry) = (new CountingHeaders(headers), registry);
            return;
        }

        Objects = new CountingObjects(new GatedObjectContainer(new MemoryObjectContainer(), gate));
        var options = new ObjectStepLogOptions();
        Storage = new CountingStorage(new ObjectStepLogStorage(Objects, options, TimeProvider.System, seed: 1));
        Indexes = new ObjectLogIndexStore(Objects, options, TimeProvider.System, seed: 2);
        Headers = new CountingHeaders(new GatedHeaderStore(headers, gate));
        Registry = new GatedLogRegistry(registry, gate);
    }

    public CountingStorage Storage { get; }

    public CountingHeaders Headers { get; }

    public ILogIndexStore Indexes { get; }

    public ILogRegistry Registry { get; }

    /// <summary>Where the logs lie; null where that is no object store.</summary>
    public CountingObjects? Objects { get; }

    public MemoryArchiveStore Archive { get; } = new();

    public MemoryGrainStorage Grains { get; } = new();

    /// <summary>An episode's header as it is now, without a call that counts.</summary>
    public EpisodeHeader Header(EpisodeKey key) => headers.ReadAsync(key, CancellationToken.None).Result!;

    public void Dispose() => Archive.Dispose();

    /// <summary>Counts the passes over each log.</summary>
    internal sealed class CountingStorage(IStepLogStorage inner) : DelegatingStepLogStorage(inner)
    {
        public ConcurrentDictionary<LogId, int> Passes { get; } = new();

        public override IAsyncEnumerable<StoredChunk> ReadAsync(LogId log, long from, long end, CancellationToken cancellation)
        {
            Passes.AddOrUpdate(log, 1, static (_, n) => n + 1);
            return base.ReadAsync(log, from, end, cancellation);
        }
    }
}
