namespace Rollbook.StepLog;

/// <summary>Knows in which segment of a log a chunk lies: by the first chunk's number of each, read once.</summary>
internal sealed class SegmentLocator(IDiskFiles files, LocalPaths paths, LogId log, SegmentReaders readers)
{
    private readonly Lock _lock = new();
    private readonly Dictionary<int, long> _first = [];

    /// <summary>The writer's word, which spares the reading.</summary>
    public void Begins(int segment, long number)
    {
        lock (_lock) _first[segment] = number;
    }

    /// <summary>The number that the first chunk in a segment gives itself, unproved; null where nothing looks like one.</summary>
    public long? First(int segment)
    {
        lock (_lock)
        {
            if (_first.TryGetValue(segment, out var known)) return known;
        }

        using var lease = readers.Acquire(segment);
        if (lease is null) return null;
        Span<byte> head = stackalloc byte[ChunkCodec.HeaderSize];
        if (lease.File.Read(head, 0) < head.Length || ChunkCodec.Peek(head, out var header) != ChunkLook.Chunk
            || header.Log != log || header.Address.Segment != segment || header.Address.Offset != 0) return null;
        Begins(segment, header.Address.Number);
        return header.Address.Number;
    }

    /// <summary>The segment that holds a chunk which must exist.</summary>
    /// <exception cref="ChunkTrimmedException">It was freed.</exception>
    /// <exception cref="LogCorruptException">The segment that should hold it is damaged.</exception>
    public int Find(long number)
    {
        var segments = paths.Segments(files, log);
        for (var i = segments.Count - 1; i >= 0; i--)
        {
            if (First(segments[i]) <= number) return segments[i];
        }

        // No segment begins at or below it. Freed files lie below all others, so if the lowest one is damaged, that is what held it.
        foreach (var segment in segments)
        {
            if (ProvedFirst(segment) is not null) break;
            if (HoldsDamage(segment, number)) throw new LogCorruptException(log, number, $"{paths.Segment(log, segment)}:0");
        }

        throw new ChunkTrimmedException(log, number);
    }

    /// <summary>The number of the first chunk in a segment, proved by its CRCs; null where there is none, or a damaged one.</summary>
    public long? ProvedFirst(int segment)
    {
        using var lease = readers.Acquire(segment);
        return lease is not null && new ChunkScanner(lease.File, log, segment).TryNext(out var chunk) ? chunk.Header.Address.Number : null;
    }

    /// <summary>True where a segment holds nothing of this log: nothing at all, or remains of an earlier use of its file.</summary>
    public bool IsBlank(int segment, long number) => First(segment) is null && !HoldsDamage(segment, number);

    private bool HoldsDamage(int segment, long number)
    {
        using var lease = readers.Acquire(segment);
        if (lease is null) return false;
        Span<byte> head = stackalloc byte[ChunkCodec.HeaderSize];
        var read = lease.File.Read(head, 0);
        return ChunkRemains.Resembles(head[..read], log, number, segment)
            || ChunkRemains.FindLaterChunk(lease.File, log, segment, 0, 0, out _) is not null;
    }
}
