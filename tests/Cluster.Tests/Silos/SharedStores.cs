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

    public SharedStores()
    {
        Storage = new CountingStorage(new MemoryStepLogStorage());
        Headers = new CountingHeaders(headers);
    }

    public CountingStorage Storage { get; }

    public CountingHeaders Headers { get; }

    public MemoryLogIndexStore Indexes { get; } = new();

    public MemoryLogRegistry Registry { get; } = new();

    public MemoryArchiveStore Archive { get; } = new();

    public MemoryGrainStorage Grains { get; } = new();

    public EpisodeHeader Header(EpisodeKey key) => headers.Snapshot().Single(h => h.Key == key);

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

    /// <summary>Counts the calls for each episode.</summary>
    internal sealed class CountingHeaders(IHeaderStore inner) : IHeaderStore
    {
        public ConcurrentDictionary<EpisodeKey, int> Calls { get; } = new();

        public ValueTask<EpisodeHeader?> ReadAsync(EpisodeKey key, CancellationToken cancellation)
        {
            Count(key);
            return inner.ReadAsync(key, cancellation);
        }

        public ValueTask<EpisodeHeader?> WriteAsync(EpisodeHeader header, CancellationToken cancellation)
        {
            Count(header.Key);
            return inner.WriteAsync(header, cancellation);
        }

        private void Count(EpisodeKey key) => Calls.AddOrUpdate(key, 1, static (_, n) => n + 1);
    }
}
