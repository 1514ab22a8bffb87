using Rollbook.Episodes;

namespace Rollbook.Testing;

/// <summary>Headers whose calls fail from a point on that a test sets: before they have an effect.</summary>
/// <param name="inner">The store that does the work.</param>
/// <param name="faults">The failure point.</param>
public sealed class FaultyHeaderStore(IHeaderStore inner, StoreFaults faults) : IHeaderStore
{
    /// <inheritdoc/>
    public ValueTask<EpisodeHeader?> ReadAsync(EpisodeKey key, CancellationToken cancellation)
    {
        faults.Check();
        return inner.ReadAsync(key, cancellation);
    }

    /// <inheritdoc/>
    public ValueTask<EpisodeHeader?> WriteAsync(EpisodeHeader header, CancellationToken cancellation)
    {
        faults.Check();
        return inner.WriteAsync(header, cancellation);
    }
}
