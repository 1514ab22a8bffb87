using System.Runtime.CompilerServices;
using Rollbook.StepLog;

namespace Rollbook.Testing;

/// <summary>A device whose calls pass a gate.</summary>
/// <param name="inner">The device behind it.</param>
/// <param name="gate">Decides about each call.</param>
public sealed class GatedStepLogStorage(IStepLogStorage inner, CallGate gate) : DelegatingStepLogStorage(inner)
{
    /// <inheritdoc/>
    public override ValueTask ReserveAsync(LogId log, int segment, long bytes, CancellationToken cancellation) =>
        gate.CallAsync($"log reserve {segment}", () => Inner.ReserveAsync(log, segment, bytes, cancellation));

    /// <inheritdoc/>
    public override ValueTask AppendAsync(LogId log, ChunkAddress at, ReadOnlyMemory<byte> chunk, CancellationToken cancellation) =>
        gate.CallAsync($"log append {at.Number}", () => Inner.AppendAsync(log, at, chunk, cancellation));

    /// <inheritdoc/>
    public override ValueTask<LogEnd> FenceAsync(LogId log, long trimmedTo, CancellationToken cancellation) =>
        gate.CallAsync($"log fence {log}", () => Inner.FenceAsync(log, trimmedTo, cancellation));

    /// <inheritdoc/>
    public override async IAsyncEnumerable<StoredChunk> ReadAsync(LogId log, long from, long end, [EnumeratorCancellation] CancellationToken cancellation)
    {
        await gate.CallAsync($"log read {log} from {from}", static () => ValueTask.CompletedTask);
        await foreach (var chunk in Inner.ReadAsync(log, from, end, cancellation)) yield return chunk;
    }

    /// <inheritdoc/>
    public override ValueTask ReadRangeAsync(LogId log, ChunkAddress at, int offsetInChunk, Memory<byte> into, CancellationToken cancellation) =>
        gate.CallAsync($"log read {log} chunk {at.Number}", () => Inner.ReadRangeAsync(log, at, offsetInChunk, into, cancellation));

    /// <inheritdoc/>
    public override ValueTask TrimAsync(LogId log, long to, CancellationToken cancellation) =>
        gate.CallAsync($"log trim {log} to {to}", () => Inner.TrimAsync(log, to, cancellation));
}
