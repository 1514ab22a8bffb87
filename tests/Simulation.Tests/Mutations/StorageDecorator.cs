using Rollbook.StepLog;

namespace Rollbook.Simulation.Tests.Mutations;

/// <summary>A device that forwards everything, for mutations to break one call of it.</summary>
internal abstract class StorageDecorator(IStepLogStorage inner) : IStepLogStorage
{
    public int MaxInFlight => Inner.MaxInFlight;

    protected IStepLogStorage Inner => inner;

    public virtual ValueTask ReserveAsync(LogId log, int segment, long bytes, CancellationToken cancellation) =>
        Inner.ReserveAsync(log, segment, bytes, cancellation);

    public virtual ValueTask AppendAsync(LogId log, ChunkAddress at, ReadOnlyMemory<byte> chunk, CancellationToken cancellation) =>
        Inner.AppendAsync(log, at, chunk, cancellation);

    public virtual ValueTask<LogEnd> FenceAsync(LogId log, long trimmedTo, CancellationToken cancellation) =>
        Inner.FenceAsync(log, trimmedTo, cancellation);

    public virtual IAsyncEnumerable<StoredChunk> ReadAsync(LogId log, long from, long end, CancellationToken cancellation) =>
        Inner.ReadAsync(log, from, end, cancellation);

    public virtual ValueTask ReadRangeAsync(LogId log, ChunkAddress at, int offsetInChunk, Memory<byte> into, CancellationToken cancellation) =>
        Inner.ReadRangeAsync(log, at, offsetInChunk, into, cancellation);

    public virtual ValueTask TrimAsync(LogId log, long to, CancellationToken cancellation) => Inner.TrimAsync(log, to, cancellation);

    /// <summary>The first number from a place on that holds no chunk.</summary>
    protected async ValueTask<long> FirstFreeAsync(LogId log, long from)
    {
        while (true)
        {
            try
            {
                await foreach (var chunk in Inner.ReadAsync(log, from, from + 1, CancellationToken.None)) _ = chunk;
                from++;
            }
            catch (ChunkTrimmedException)
            {
                return from;
            }
        }
    }
}
