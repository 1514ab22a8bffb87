using Rollbook.Archive;

namespace Rollbook.Simulation.Tests.Mutations;

/// <summary>Hands every call on.</summary>
internal abstract class ArchiveDecorator(IArchiveStore inner) : IArchiveStore
{
    protected IArchiveStore Inner => inner;

    public virtual ValueTask<bool> PutAsync(string name, Func<Stream, CancellationToken, Task> write, CancellationToken cancellation) => inner.PutAsync(name, write, cancellation);

    public virtual ValueTask<string?> ReplaceAsync(string name, ReadOnlyMemory<byte> bytes, string? etag, CancellationToken cancellation) =>
        inner.ReplaceAsync(name, bytes, etag, cancellation);

    public virtual ValueTask<ArchiveObject?> OpenAsync(string name, CancellationToken cancellation) => inner.OpenAsync(name, cancellation);

    public virtual IAsyncEnumerable<ArchiveEntry> ListAsync(string prefix, CancellationToken cancellation) => inner.ListAsync(prefix, cancellation);

    public virtual ValueTask<bool> DeleteAsync(string name, CancellationToken cancellation) => inner.DeleteAsync(name, cancellation);

    public virtual ValueTask<string> LocalPathAsync(string name, CancellationToken cancellation) => inner.LocalPathAsync(name, cancellation);
}
