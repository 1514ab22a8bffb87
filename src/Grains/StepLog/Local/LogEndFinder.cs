using System.Globalization;

namespace Rollbook.StepLog;

/// <summary>Finds where the log of a dead process ends on disk, and makes sure that what it found there is durable.</summary>
internal sealed class LogEndFinder(IDiskFiles files, LocalPaths paths, LogId log)
{
    /// <summary>The end: the first boundary without the chunk that should come next.</summary>
    /// <param name="trimmedTo">Chunks below it may be gone.</param>
    /// <exception cref="LogCorruptException">A later chunk of this log lies behind a damaged place.</exception>
    /// <exception cref="LogVersionException">A chunk of another release's format.</exception>
    public LogEnd Find(long trimmedTo)
    {
        var segments = paths.Segments(files, log);
        if (segments.Count == 0) return new LogEnd(trimmedTo, 0);
        var index = segments.Count;
        Boundary? walked = null;
        // Backwards, since a long log has many segments and only the last one with chunks tells the end.
        while (walked is null && --index >= 0) walked = Walk(segments[index]);
        var boundary = walked ?? new Boundary(segments[0], 0, trimmedTo);
        index = Math.Max(index, 0);

        var torn = 0L;
        for (var i = index; i < segments.Count; i++)
            torn = Math.Max(torn, LookBehind(segments[i], i == index ? boundary.Offset : 0, boundary));
        return new LogEnd(Math.Max(boundary.Number, trimmedTo), torn);
    }

    private Boundary? Walk(int segment)
    {
        using var file = files.Open(paths.Segment(log, segment), FileMode.Open, FileAccess.Read);
        if (file is null) return null;
        var scanner = new ChunkScanner(file, log, segment);
        ChunkHeader? last = null;
        while (scanner.TryNext(out var chunk)) last = chunk.Header;
        if (last is not { } header) return null;
        MakeDurable(segment, header);
        return new Boundary(segment, scanner.Offset, header.Address.Number + 1);
    }

    /// <summary>
    /// The last chunk may have been written but not flushed, or its flush may have failed, after which the cache shows bytes that the
    /// disk doesn't have. So its bytes are written again, the same ones, and flushed: only then may the fence count it.
    /// </summary>
    private void MakeDurable(int segment, in ChunkHeader header)
    {
        using var file = files.Open(paths.Segment(log, segment), FileMode.Open, FileAccess.ReadWrite)!;
        var bytes = new byte[ChunkCodec.HeaderSize + header.FrameBytes];
        file.Read(bytes, header.Address.Offset);
        file.Write(bytes, header.Address.Offset);
        file.Flush();
    }

    /// <summary>The torn bytes that stand behind the end in one segment.</summary>
    private long LookBehind(int segment, long from, Boundary end)
    {
        using var file = files.Open(paths.Segment(log, segment), FileMode.Open, FileAccess.Read);
        if (file is null) return 0;
        if (ChunkRemains.FindLaterChunk(file, log, segment, from, end.Number, out var lastByte) is not null)
            throw new LogCorruptException(log, end.Number, Place(end.Segment, end.Offset));

        var sector = new byte[ChunkCodec.Alignment];
        var head = sector.AsSpan(0, file.Read(sector, from));
        if (ChunkRemains.Resembles(head, log, end.Number, segment))
        {
            var whole = ChunkCodec.Peek(head, out var header) == ChunkLook.Chunk ? ChunkCodec.PaddedLength(header.FrameBytes) : head.Length;
            return Math.Min(whole, file.Length - from);
        }

        // A zero sector with something behind it is a torn write too; remains of an earlier use have their own bytes here.
        return head.IndexOfAnyExcept((byte)0) < 0 ? lastByte - from : 0;
    }

    private string Place(int segment, long offset) =>
        string.Create(CultureInfo.InvariantCulture, $"{paths.Segment(log, segment)}:{offset}");

    private readonly record struct Boundary(int Segment, long Offset, long Number);
}
