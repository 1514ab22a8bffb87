using System.Runtime.ExceptionServices;

namespace Rollbook.StepLog;

/// <summary>Writes one log of this process: one chunk at a time, each flushed before it is acknowledged and before the next is written.</summary>
/// <remarks>The caller lets in one call at a time.</remarks>
internal sealed class LocalLogWriter(IDiskFiles files, LocalPaths paths, LogId log, SegmentLocator locator) : IDisposable
{
    private IDiskFile? _file;
    private int _segment = -1;
    private long _offset;
    private ExceptionDispatchInfo? _poison;

    /// <summary>The number of the next chunk: all below it are durable.</summary>
    public long Next { get; private set; }

    /// <summary>The segment that is being written; -1 before the first chunk.</summary>
    public int Segment => _segment;

    /// <summary>True once a write failed: what the disk holds is unknown from then on.</summary>
    public bool IsPoisoned => _poison is not null;

    /// <summary>Lets every later append fail with this error.</summary>
    public void Poison(Exception error) => _poison ??= ExceptionDispatchInfo.Capture(error);

    public void Append(ChunkAddress at, ReadOnlySpan<byte> chunk)
    {
        _poison?.Throw();
        if (at.Number < Next)
        {
            CheckRepeat(at, chunk);
            return;
        }

        CheckPlace(at, chunk);
        try
        {
            var file = OpenFor(at);
            file.Write(chunk, at.Offset);
            file.Flush();
        }
        catch (Exception error)
        {
            // An fsync that failed is never tried again: the kernel may have marked the pages clean, and a second one would lie.
            Poison(error);
            throw;
        }

        if (at.Segment != _segment || at.Offset == 0) locator.Begins(at.Segment, at.Number);
        _segment = at.Segment;
        _offset = at.Offset + chunk.Length;
        Next = at.Number + 1;
    }

    public void Dispose() => _file?.Dispose();

    private IDiskFile OpenFor(ChunkAddress at)
    {
        if (at.Segment == _segment) return _file!;
        _file?.Dispose();
        _file = null;
        return _file = files.Open(paths.Segment(log, at.Segment), FileMode.Open, FileAccess.ReadWrite)
            ?? throw new IOException($"The segment file '{paths.Segment(log, at.Segment)}' is gone.");
    }

    private void CheckPlace(ChunkAddress at, ReadOnlySpan<byte> chunk)
    {
        var follows = at.Segment == _segment ? at.Offset == _offset : at.Segment == _segment + 1 && at.Offset == 0;
        if (at.Number != Next || !follows)
            throw new InvalidOperationException($"Chunk {at} does not follow chunk {Next - 1} of the log {log}, which ends at {_segment}:{_offset}.");
        if (chunk.Length % ChunkCodec.Alignment != 0 || ChunkCodec.Peek(chunk, out var header) != ChunkLook.Chunk
            || header.Log != log || header.Address != at)
            throw new InvalidOperationException($"The bytes are not chunk {at} of the log {log}.");
    }

    /// <summary>The same bytes again are what they were: stored. Other bytes mean that somebody else's chunk has this number.</summary>
    private void CheckRepeat(ChunkAddress at, ReadOnlySpan<byte> chunk)
    {
        var stored = new byte[chunk.Length];
        using var file = files.Open(paths.Segment(log, at.Segment), FileMode.Open, FileAccess.Read);
        if (file is null || file.Read(stored, at.Offset) < stored.Length || !chunk.SequenceEqual(stored)) throw new LogFencedException(log);
    }
}
