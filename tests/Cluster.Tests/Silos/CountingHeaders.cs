using System.Collections.Concurrent;
using Rollbook.Episodes;

namespace Rollbook.Cluster.Tests.Silos;

/// <summary>Counts the calls for each episode, and knows when the last one was changed.</summary>
internal sealed class CountingHeaders(IHeaderStore inner) : IHeaderStore
{
    private long writtenAt;

    public ConcurrentDictionary<EpisodeKey, int> Calls { get; } = new();

    /// <summary>When the last write was answered that changed a header, by the system clock's timestamps.</summary>
    public long WrittenAt => Interlocked.Read(ref writtenAt);

    public ValueTask<EpisodeHeader?> ReadAsync(EpisodeKey key, CancellationToken cancellation)
    {
        Count(key);
        return inner.ReadAsync(key, cancellation);
    }

    public async ValueTask<EpisodeHeader?> WriteAsync(EpisodeHeader header, CancellationToken cancellation)
    {
        Count(header.Key);
        var stored = await inner.WriteAsync(header, cancellation);
        if (stored is not null) Interlocked.Exchange(ref writtenAt, TimeProvider.System.GetTimestamp());
        return stored;
    }

    private void Count(EpisodeKey key) => Calls.AddOrUpdate(key, 1, static (_, n) => n + 1);
}
