using Rollbook.StepLog;

namespace Rollbook.Testing;

/// <summary>Passes every call on; a decorator overrides what it changes.</summary>
/// <param name="inner">The device behind it.</param>
public abstract class DelegatingStepLogStorage(IStepLogStorage inner) : IStepLogStorage
{
    /// <summary>The device behind it.</summary>
    protected IStepLogStorage Inner => inner;

    /// <inheritdoc/>
    public virtual int MaxInFlight => inner.MaxInFlight;

    /// <inheritdoc/>
    public virtual ValueTask ReserveAsync(LogId log, int segment, long bytes, CancellationToken cancellation) =>
        inner.ReserveAsync(log, segment, bytes, cancellation);

    /// <inheritdoc/>
    public virtual ValueTask AppendAsync(LogId log, ChunkAddress at, ReadOnlyMemory<byte> chunk, CancellationToken cancellation) =>
        inner.AppendAsync(log, at, chunk, cancellation);

    /// <inheritdoc/>
    public virtual ValueTask<LogEnd> FenceAsync(LogId log, long trimmedTo, CancellationToken cancellation) =>
        inner.FenceAsync(log, trimmedTo, cancellation);

    /// <inheritdoc/>
    public virtual IAsyncEnumerable<StoredChunk> ReadAsync(LogId log, long from, long end, CancellationToken cancellation) =>
        inner.ReadAsync(log, from, end, cancellation);

    /// <inheritdoc/>
    public virtual ValueTask ReadRangeAsync(LogId log, ChunkAddress at, int offsetInChunk, Memory<byte> into, CancellationToken cancellation) =>
        inner.ReadRangeAsync(log, at, offsetInChunk, into, cancellation);

    /// <inheritdoc/>
    public virtual ValueTask TrimAsync(LogId log, long to, CancellationToken cancellation) => inner.TrimAsync(log, to, cancellation);
}
