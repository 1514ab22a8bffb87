using Rollbook.Archive;

namespace Rollbook.Testing;

/// <summary>A store that hands on every call, for tests to disturb some of them.</summary>
/// <param name="inner">The store that does the work; disposed with this one.</param>
public abstract class DelegatingArchiveStore(IArchiveStore inner) : IArchiveStore, IDisposable
{
    /// <summary>The store that does the work.</summary>
    protected IArchiveStore Inner => inner;

    /// <inheritdoc/>
    public virtual ValueTask<bool> PutAsync(string name, Func<Stream, CancellationToken, Task> write, CancellationToken cancellation) =>
        inner.PutAsync(name, write, cancellation);

    /// <inheritdoc/>
    public virtual ValueTask<string?> ReplaceAsync(string name, ReadOnlyMemory<byte> bytes, string? etag, CancellationToken cancellation) =>
        inner.ReplaceAsync(name, bytes, etag, cancellation);

    /// <inheritdoc/>
    public virtual ValueTask<ArchiveObject?> OpenAsync(string name, CancellationToken cancellation) => inner.OpenAsync(name, cancellation);

    /// <inheritdoc/>
    public virtual IAsyncEnumerable<ArchiveEntry> ListAsync(string prefix, CancellationToken cancellation) => inner.ListAsync(prefix, cancellation);

    /// <inheritdoc/>
    public virtual ValueTask<bool> DeleteAsync(string name, CancellationToken cancellation) => inner.DeleteAsync(name, cancellation);

    /// <inheritdoc/>
    public virtual ValueTask<string> LocalPathAsync(string name, CancellationToken cancellation) => inner.LocalPathAsync(name, cancellation);

    /// <inheritdoc/>
    public void Dispose()
    {
        (inner as IDisposable)?.Dispose();
        GC.SuppressFinalize(this);
    }
}
