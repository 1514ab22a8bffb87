using Rollbook.Episodes;

namespace Rollbook.Deploy.Tests.Cost;

/// <summary>Counts the calls to the headers: each is one operation of a table.</summary>
internal sealed class CountingHeaderStore(IHeaderStore inner) : IHeaderStore
{
    private long calls;

    public long Calls => Interlocked.Read(ref calls);

    public ValueTask<EpisodeHeader?> ReadAsync(EpisodeKey key, CancellationToken cancellation)
    {
        Interlocked.Increment(ref calls);
        return inner.ReadAsync(key, cancellation);
    }

    public ValueTask<EpisodeHeader?> WriteAsync(EpisodeHeader header, CancellationToken cancellation)
    {
        Interlocked.Increment(ref calls);
        return inner.WriteAsync(header, cancellation);
    }
}
