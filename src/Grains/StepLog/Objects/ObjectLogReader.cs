using System.Runtime.CompilerServices;

namespace Rollbook.StepLog;

/// <summary>Reads one log out of an object store, some chunks ahead of its caller; every chunk is proved, and so is the chain that ties each to the one before.</summary>
internal sealed class ObjectLogReader(IObjectContainer container, ObjectCalls calls, int readAhead, LogId log)
{
    public async IAsyncEnumerable<StoredChunk> ReadAsync(long from, long end, [EnumeratorCancellation] CancellationToken cancellation)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        var fetched = new Queue<Task<byte[]?>>();
        var next = from;
        var ahead = 1;
        uint? previous = null;
        try
        {
            for (var number = from; number < end; number++)
            {
                cancellation.ThrowIfCancellationRequested();
                for (; next < end && fetched.Count < ahead; next++) fetched.Enqueue(FetchAsync(next, stop.Token));
                // Who reads on gets more ahead; who wanted one frame has not fetched eight chunks for it.
                ahead = Math.Min(2 * ahead, readAhead);
                var bytes = await fetched.Dequeue() ?? throw new ChunkTrimmedException(log, number);
                if (ChunkCodec.Peek(bytes, out _) == ChunkLook.OtherVersion) throw new LogVersionException(log, number);
                if (!ChunkCodec.TryOpen(bytes, out var header) || header.Log != log || header.Address.Number != number
                    || (previous is { } crc && header.PreviousCrc != crc))
                    throw new LogCorruptException(log, number, ObjectNames.Chunk(log, number));
                previous = header.Crc;
                yield return new StoredChunk(header, bytes.AsMemory(ChunkCodec.HeaderSize, header.FrameBytes));
            }
        }
        finally
        {
            stop.Cancel();
        }
    }

    public async ValueTask ReadRangeAsync(ChunkAddress at, int offsetInChunk, Memory<byte> into, CancellationToken cancellation)
    {
        var name = ObjectNames.Chunk(log, at.Number);
        var read = await calls.UntilAnsweredAsync(name, token => container.ReadAsync(name, offsetInChunk, into, token), cancellation)
            ?? throw new ChunkTrimmedException(log, at.Number);
        if (read < into.Length) throw new LogCorruptException(log, at.Number, name);
    }

    private Task<byte[]?> FetchAsync(long number, CancellationToken cancellation)
    {
        var name = ObjectNames.Chunk(log, number);
        return calls.UntilAnsweredAsync(name, token => container.GetAsync(name, token), cancellation).AsTask();
    }
}
