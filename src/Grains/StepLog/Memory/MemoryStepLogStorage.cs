using System.Runtime.CompilerServices;

namespace Rollbook.StepLog;

/// <summary>
/// The device for tests and simulation: objects in memory under the rules of an object store, put-if-absent by number. It starts no
/// thread and no timer, so that a run on a seeded scheduler repeats. Nothing outlives the process: never a device for real logs.
/// </summary>
public sealed class MemoryStepLogStorage : IStepLogStorage
{
    private readonly Lock _lock = new();
    private readonly Dictionary<LogId, MemoryLog> _logs = [];

    /// <inheritdoc/>
    public int MaxInFlight { get; init; } = 4;

    /// <inheritdoc/>
    public ValueTask ReserveAsync(LogId log, int segment, long bytes, CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        lock (_lock) Of(log).Reserve(segment, bytes);
        return ValueTask.CompletedTask;
    }

    /// <inheritdoc/>
    public async ValueTask AppendAsync(LogId log, ChunkAddress at, ReadOnlyMemory<byte> chunk, CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        var released = new List<TaskCompletionSource>();
        Task durable;
        lock (_lock) durable = Of(log).Append(at, chunk, released);
        foreach (var waiter in released) waiter.TrySetResult();
        await durable.WaitAsync(cancellation);
    }

    /// <inheritdoc/>
    public ValueTask<LogEnd> FenceAsync(LogId log, long trimmedTo, CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        var refused = new List<TaskCompletionSource>();
        LogEnd end;
        lock (_lock) end = Of(log).Fence(trimmedTo, refused);
        foreach (var waiter in refused) waiter.TrySetException(new LogFencedException(log));
        return ValueTask.FromResult(end);
    }

    /// <inheritdoc/>
    public async IAsyncEnumerable<StoredChunk> ReadAsync(
        LogId log, long from, long end, [EnumeratorCancellation] CancellationToken cancellation)
    {
        await ValueTask.CompletedTask;
        if (from >= end) yield break;
        long number;
        lock (_lock) number = Of(log).SegmentStart(from);
        uint? previous = null;
        for (; number < end; number++)
        {
            cancellation.ThrowIfCancellationRequested();
            byte[] bytes;
            lock (_lock) bytes = Of(log).Read(number);
            if (ChunkCodec.Peek(bytes, out _) == ChunkLook.OtherVersion) throw new LogVersionException(log, number);
            if (!ChunkCodec.TryOpen(bytes, out var header) || header.Log != log || header.Address.Number != number
                || (previous is { } crc && header.PreviousCrc != crc))
                throw new LogCorruptException(log, number, "memory");
            previous = header.Crc;
            yield return new StoredChunk(header, bytes.AsMemory(ChunkCodec.HeaderSize, header.FrameBytes));
        }
    }

    /// <inheritdoc/>
    public ValueTask ReadRangeAsync(LogId log, ChunkAddress at, int offsetInChunk, Memory<byte> into, CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        byte[] bytes;
        lock (_lock) bytes = Of(log).Read(at.Number);
        bytes.AsMemory(offsetInChunk, into.Length).CopyTo(into);
        return ValueTask.CompletedTask;
    }

    /// <inheritdoc/>
    public ValueTask TrimAsync(LogId log, long to, CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        lock (_lock) Of(log).Trim(to);
        return ValueTask.CompletedTask;
    }

    private MemoryLog Of(LogId log)
    {
        if (!_logs.TryGetValue(log, out var found)) _logs.Add(log, found = new MemoryLog(log));
        return found;
    }
}
