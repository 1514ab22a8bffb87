using Rollbook.StepLog;

namespace Rollbook.Testing;

/// <summary>A container whose calls pass a gate.</summary>
/// <param name="inner">The container behind it.</param>
/// <param name="gate">Decides about each call.</param>
public sealed class GatedObjectContainer(IObjectContainer inner, CallGate gate) : IObjectContainer
{
    /// <inheritdoc/>
    public ValueTask<bool> PutNewAsync(string name, ReadOnlyMemory<byte> bytes, CancellationToken cancellation) =>
        gate.CallAsync($"object put-new {name}", () => inner.PutNewAsync(name, bytes, cancellation));

    /// <inheritdoc/>
    public ValueTask PutAsync(string name, ReadOnlyMemory<byte> bytes, CancellationToken cancellation) =>
        gate.CallAsync($"object put {name}", () => inner.PutAsync(name, bytes, cancellation));

    /// <inheritdoc/>
    public ValueTask<byte[]?> GetAsync(string name, CancellationToken cancellation) => gate.CallAsync($"object get {name}", () => inner.GetAsync(name, cancellation));

    /// <inheritdoc/>
    public ValueTask<int?> ReadAsync(string name, long offset, Memory<byte> into, CancellationToken cancellation) =>
        gate.CallAsync($"object read {name}", () => inner.ReadAsync(name, offset, into, cancellation));

    /// <inheritdoc/>
    public ValueTask<ObjectPage> ListAsync(string prefix, string? page, CancellationToken cancellation) =>
        gate.CallAsync($"object list {prefix}", () => inner.ListAsync(prefix, page, cancellation));

    /// <inheritdoc/>
    public ValueTask DeleteAsync(string name, CancellationToken cancellation) => gate.CallAsync($"object delete {name}", () => inner.DeleteAsync(name, cancellation));
}
