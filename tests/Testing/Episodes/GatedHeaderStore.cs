using Rollbook.Episodes;

namespace Rollbook.Testing;

/// <summary>A header store whose calls pass a gate.</summary>
/// <param name="inner">The store behind it.</param>
/// <param name="gate">Decides about each call.</param>
public sealed class GatedHeaderStore(IHeaderStore inner, CallGate gate) : IHeaderStore
{
    /// <inheritdoc/>
    public ValueTask<EpisodeHeader?> ReadAsync(EpisodeKey key, CancellationToken cancellation) =>
        gate.CallAsync($"header read {key}", () => inner.ReadAsync(key, cancellation));

    /// <inheritdoc/>
    public ValueTask<EpisodeHeader?> WriteAsync(EpisodeHeader header, CancellationToken cancellation) =>
        gate.CallAsync($"header write {header.Key}", () => inner.WriteAsync(header, cancellation));
}
