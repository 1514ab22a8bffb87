using Rollbook.StepLog;

namespace Rollbook.Testing;

/// <summary>Passes every call on; a decorator overrides what it changes.</summary>
/// <param name="inner">The container behind it.</param>
public abstract class DelegatingObjectContainer(IObjectContainer inner) : IObjectContainer
{
    /// <summary>The container behind it.</summary>
    protected IObjectContainer Inner => inner;

    /// <inheritdoc/>
    public virtual ValueTask<bool> PutNewAsync(string name, ReadOnlyMemory<byte> bytes, CancellationToken cancellation) => inner.PutNewAsync(name, bytes, cancellation);

    /// <inheritdoc/>
    public virtual ValueTask PutAsync(string name, ReadOnlyMemory<byte> bytes, CancellationToken cancellation) => inner.PutAsync(name, bytes, cancellation);

    /// <inheritdoc/>
    public virtual ValueTask<byte[]?> GetAsync(string name, CancellationToken cancellation) => inner.GetAsync(name, cancellation);

    /// <inheritdoc/>
    public virtual ValueTask<int?> ReadAsync(string name, long offset, Memory<byte> into, CancellationToken cancellation) => inner.ReadAsync(name, offset, into, cancellation);

    /// <inheritdoc/>
    public virtual ValueTask<ObjectPage> ListAsync(string prefix, string? page, CancellationToken cancellation) => inner.ListAsync(prefix, page, cancellation);

    /// <inheritdoc/>
    public virtual ValueTask DeleteAsync(string name, CancellationToken cancellation) => inner.DeleteAsync(name, cancellation);
}
