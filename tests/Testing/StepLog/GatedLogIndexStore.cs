using Rollbook.StepLog;

namespace Rollbook.Testing;

/// <summary>An index store whose calls pass a gate.</summary>
/// <param name="inner">The store behind it.</param>
/// <param name="gate">Decides about each call.</param>
public sealed class GatedLogIndexStore(ILogIndexStore inner, CallGate gate) : ILogIndexStore
{
    /// <inheritdoc/>
    public ValueTask PutAsync(LogId log, string name, ReadOnlyMemory<byte> bytes, CancellationToken cancellation) =>
        gate.CallAsync($"index put {log} {name}", () => inner.PutAsync(log, name, bytes, cancellation));

    /// <inheritdoc/>
    public ValueTask<byte[]?> GetAsync(LogId log, string name, CancellationToken cancellation) =>
        gate.CallAsync($"index get {log} {name}", () => inner.GetAsync(log, name, cancellation));
}
