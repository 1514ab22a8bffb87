using Rollbook.Archive;

namespace Rollbook.Testing;

/// <summary>A broken store: the last writer wins, whatever ETag it gave.</summary>
/// <param name="inner">The right store.</param>
public sealed class EtaglessArchiveStore(IArchiveStore inner) : DelegatingArchiveStore(inner)
{
    /// <inheritdoc/>
    public override async ValueTask<string?> ReplaceAsync(string name, ReadOnlyMemory<byte> bytes, string? etag, CancellationToken cancellation)
    {
        while (true)
        {
            string? stored = null;
            if (await Inner.OpenAsync(name, cancellation) is { } found)
            {
                await using (found) stored = found.ETag;
            }

            if (await Inner.ReplaceAsync(name, bytes, stored, cancellation) is { } written) return written;
        }
    }
}
