using Rollbook.StepLog;

namespace Rollbook.Benchmarks;

/// <summary>A device that forgets at once: what is left is the log's own cost.</summary>
internal sealed class NoDiskStorage : IStepLogStorage, IDisposable
{
    public int MaxInFlight => 1;

    public ValueTask ReserveAsync(LogId log, int segment, long bytes, CancellationToken cancellation) => default;

    public async ValueTask AppendAsync(LogId log, ChunkAddress at, ReadOnlyMemory<byte> chunk, CancellationToken cancellation) =>
        // Off the committer for a moment, as a disk is: so that chunks fill.
        await Task.Yield();

    public ValueTask<LogEnd> FenceAsync(LogId log, long trimmedTo, CancellationToken cancellation) => throw Forgotten();

    public IAsyncEnumerable<StoredChunk> ReadAsync(LogId log, long from, long end, CancellationToken cancellation) => throw Forgotten();

    public ValueTask ReadRangeAsync(LogId log, ChunkAddress at, int offsetInChunk, Memory<byte> into, CancellationToken cancellation) => throw Forgotten();

    public ValueTask TrimAsync(LogId log, long to, CancellationToken cancellation) => default;

    public void Dispose()
    {
    }

    private static InvalidOperationException Forgotten() => new("This device keeps nothing.");
}
