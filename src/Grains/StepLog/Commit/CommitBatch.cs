using System.Diagnostics;

namespace Rollbook.StepLog;

/// <summary>The frames of one chunk while they wait for their commit, encoded in place.</summary>
internal sealed class CommitBatch
{
    private byte[] buffer;
    private List<ActivityContext>? traced;
    private Activity? span;

    public CommitBatch(int capacity) => buffer = GC.AllocateUninitializedArray<byte>(capacity + (2 * ChunkCodec.Alignment));

    /// <summary>What stands in the chunk, in order.</summary>
    public List<BatchFrame> Frames { get; } = [];

    /// <summary>Length of the buffer.</summary>
    public int Capacity => buffer.Length;

    /// <summary>Length of the frames.</summary>
    public int FrameBytes { get; private set; }

    /// <summary>Completes when the chunk is durable. One for all of its waiters.</summary>
    public TaskCompletionSource Completion { get; private set; } = NewCompletion();

    /// <summary>Where the chunk was placed, for its index entries.</summary>
    public ChunkAddress Address { get; set; }

    /// <summary>Whether a run of owned frames ends in it.</summary>
    public bool ClosesRun { get; private set; }

    /// <summary>When the first frame was enqueued.</summary>
    public long EnqueuedAt { get; set; }

    /// <summary>Encodes a frame behind the others.</summary>
    public void Add(LogClaim? claim, FrameKind kind, EpisodeKey key, long term, long ordinal, int count, ReadOnlySpan<byte> payload)
    {
        var length = FrameCodec.LengthOf(key, payload.Length);
        var at = ChunkCodec.HeaderSize + FrameBytes;
        Ensure(at + length);
        FrameCodec.Write(buffer.AsSpan(at, length), kind, key, term, ordinal, count, payload);
        Frames.Add(new BatchFrame(claim, kind, key, term, ordinal, count, at, length));
        FrameBytes += length;
        ClosesRun |= kind == FrameKind.OwnedClose;
    }

    /// <summary>Remembers the current span, where it is recorded: the chunk's own is linked to it.</summary>
    public void Follow()
    {
        if (StepTrace.Recorded is { } current && (traced ??= []).Count < StepTrace.MostLinks) traced.Add(current.Context);
    }

    /// <summary>Begins the chunk's span, where one of its frames is traced.</summary>
    public void Begin(LogId log, long bytes) => span = StepTrace.Commit(log, Address.Number, Frames.Count, bytes, traced);

    /// <summary>Ends the chunk's span.</summary>
    public void End(Exception? failure)
    {
        if (failure is not null) span?.SetStatus(ActivityStatusCode.Error, failure.GetType().Name);
        span?.Dispose();
        span = null;
    }

    /// <summary>Writes the header and the padding; the chunk's bytes stay valid until <see cref="Reset"/>.</summary>
    public ReadOnlyMemory<byte> Seal(LogId log, uint previousCrc, out uint crc)
    {
        var padded = (int)ChunkCodec.PaddedLength(FrameBytes);
        Ensure(padded);
        var used = ChunkCodec.HeaderSize + FrameBytes;
        buffer.AsSpan(used, padded - used).Clear();
        crc = ChunkCodec.Seal(buffer, log, Address, previousCrc, Frames.Count, FrameBytes);
        return buffer.AsMemory(0, padded);
    }

    /// <summary>Makes the batch empty for another chunk.</summary>
    public void Reset()
    {
        Frames.Clear();
        FrameBytes = 0;
        ClosesRun = false;
        traced?.Clear();
        Completion = NewCompletion();
    }

    private static TaskCompletionSource NewCompletion() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    private void Ensure(int length)
    {
        if (length <= buffer.Length) return;
        var grown = GC.AllocateUninitializedArray<byte>(Math.Max(length + ChunkCodec.Alignment, buffer.Length * 2));
        buffer.AsSpan(0, ChunkCodec.HeaderSize + FrameBytes).CopyTo(grown);
        buffer = grown;
    }
}
