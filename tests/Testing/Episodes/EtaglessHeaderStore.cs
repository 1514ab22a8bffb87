using Rollbook.Episodes;

namespace Rollbook.Testing;

/// <summary>A broken store: the last writer wins, whatever ETag it gave.</summary>
/// <param name="inner">The right store.</param>
public sealed class EtaglessHeaderStore(IHeaderStore inner) : IHeaderStore
{
    /// <inheritdoc/>
    public ValueTask<EpisodeHeader?> ReadAsync(EpisodeKey key, CancellationToken cancellation) => inner.ReadAsync(key, cancellation);

    /// <inheritdoc/>
    public async ValueTask<EpisodeHeader?> WriteAsync(EpisodeHeader header, CancellationToken cancellation)
    {
        while (true)
        {
            var stored = await inner.ReadAsync(header.Key, cancellation);
            if (await inner.WriteAsync(header with { ETag = stored?.ETag }, cancellation) is { } written) return written;
        }
    }
}
