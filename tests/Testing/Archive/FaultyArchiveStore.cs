using Rollbook.Archive;

namespace Rollbook.Testing;

/// <summary>An archive whose calls fail from a point on that a test sets: before they have an effect.</summary>
/// <param name="inner">The store that does the work.</param>
/// <param name="faults">The failure point.</param>
public sealed class FaultyArchiveStore(IArchiveStore inner, StoreFaults faults) : DelegatingArchiveStore(inner)
{
    /// <inheritdoc/>
    public override ValueTask<bool> PutAsync(string name, Func<Stream, CancellationToken, Task> write, CancellationToken cancellation)
    {
        faults.Check();
        return Inner.PutAsync(name, write, cancellation);
    }

    /// <inheritdoc/>
    public override ValueTask<string?> ReplaceAsync(string name, ReadOnlyMemory<byte> bytes, string? etag, CancellationToken cancellation)
    {
        faults.Check();
        return Inner.ReplaceAsync(name, bytes, etag, cancellation);
    }

    /// <inheritdoc/>
    public override ValueTask<ArchiveObject?> OpenAsync(string name, CancellationToken cancellation)
    {
        faults.Check();
        return Inner.OpenAsync(name, cancellation);
    }

    /// <inheritdoc/>
    public override IAsyncEnumerable<ArchiveEntry> ListAsync(string prefix, CancellationToken cancellation)
    {
        faults.Check();
        return Inner.ListAsync(prefix, cancellation);
    }

    /// <inheritdoc/>
    public override ValueTask<bool> DeleteAsync(string name, CancellationToken cancellation)
    {
        faults.Check();
        return Inner.DeleteAsync(name, cancellation);
    }
}
