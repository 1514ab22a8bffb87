using System.Buffers.Binary;
using Rollbook.StepLog;

namespace Rollbook.Cli;

/// <summary>
/// Walks one log from its first chunk to its end. Each chunk's CRC and each of its frames' is proved, and the chain that ties it to the one
/// before. Nothing is written: unlike the recorder's own look for the end, this one may run on a disk that is failing.
/// </summary>
internal sealed class LogCheck(IDiskFiles files, LocalPaths paths, LogId log, Action<long> bytesRead)
{
    // Where a chunk's header has its number: see ChunkCodec.
    private const int NumberOffset = 32;

    private readonly LogTally _held = new();
    private readonly LogTally _behind = new();
    private List<int> _segments = [];
    private LogEnd? _fence;
    private long? _first;
    private long? _next;
    private uint? _crc;
    private int _segment;
    private long _offset;

    public LogReport Run()
    {
        _segments = paths.Segments(files, log);
        try
        {
            _fence = FenceFile.Read(files, paths, log);
        }
        catch (Exception e) when (e is LogCorruptException or IOException)
        {
            Walk();
            return Report(LogEnding.Corrupt) with { Damage = new LogDamage(-1, paths.Fence(log), 0, "the fence can't be read", 0) };
        }

        try
        {
            Walk();
            return _segments.Count == 0 ? Report(_fence is null ? LogEnding.Clean : LogEnding.Fenced) : End();
        }
        catch (LogVersionException)
        {
            return Report(LogEnding.OtherFormat);
        }
    }

    /// <summary>Reads chunk after chunk as long as each follows the one before; leaves the boundary behind the last.</summary>
    private void Walk()
    {
        if (_segments is [0, ..])
            (_next, _crc) = (0, 0);
        _segment = _segments.FirstOrDefault();
        for (var i = 0; i < _segments.Count && !IsAtFence; i++)
        {
            using var file = files.Open(paths.Segment(log, _segments[i]), FileMode.Open, FileAccess.Read);
            if (file is null)
                return;
            var before = _held.Chunks;
            var scanner = new ChunkScanner(file, log, _segments[i]) { Number = _next, PreviousCrc = _crc };
            while (!IsAtFence && TryNext(scanner, out var chunk))
            {
                _first ??= chunk.Header.Address.Number;
                _held.Add(chunk);
                (_next, _crc) = (chunk.Header.Address.Number + 1, chunk.Header.Crc);
                (_segment, _offset) = (_segments[i], scanner.Offset);
                bytesRead(ChunkCodec.PaddedLength(chunk.Header.FrameBytes));
            }

            if (_held.Chunks == before)
                return;
        }
    }

    private bool IsAtFence => _fence is { } fence && _next >= fence.Fence;

    /// <summary>Decides what the boundary is: an end, or a hole.</summary>
    private LogReport End()
    {
        var bytesBehind = CountBehind(out var torn);
        // A log whose chunks were all freed may keep a blank file that was prepared ahead.
        var isFreed = _held.Chunks == 0 && _segments[0] > 0 && _behind.Chunks == 0;
        if (_fence is { } fence)
        {
            if (IsAtFence || isFreed)
                return Report(LogEnding.Fenced);
            return Corrupt($"the log was fenced at {fence.Fence}, but chunk {_next ?? 0} can't be read", bytesBehind);
        }

        if (_behind.Chunks > 0)
            return Corrupt($"{_behind.Chunks} whole chunks of this log lie behind it", bytesBehind);
        return Report(torn > 0 ? LogEnding.TornTail : LogEnding.Clean) with { TornBytes = torn };
    }

    private LogReport Corrupt(string reason, long bytesBehind)
    {
        // The hole begins with the next file where this one is full, or where that one's first header still names the missing chunk.
        if (!HasRoom(_segment, _offset) || (Head(_segment + 1) is { Length: >= ChunkCodec.HeaderSize } head && BinaryPrimitives.ReadInt64LittleEndian(head.AsSpan(NumberOffset)) == (_next ?? 0)))
            (_segment, _offset) = (_segment + 1, 0);
        if (!HasRoom(_segment, 0))
            reason = "the file is missing";
        return Report(LogEnding.Corrupt) with { Damage = new LogDamage(_next ?? 0, paths.Segment(log, _segment), _offset, reason, bytesBehind) };
    }

    /// <summary>Counts the whole chunks behind the boundary, which nothing ties to those before it.</summary>
    private long CountBehind(out long torn)
    {
        torn = 0;
        var bytes = 0L;
        foreach (var segment in _segments.Where(segment => segment >= _segment))
        {
            using var file = files.Open(paths.Segment(log, segment), FileMode.Open, FileAccess.Read);
            if (file is null)
                continue;
            var from = segment == _segment ? _offset : 0;
            var at = from;
            long lastByte;
            while (ChunkRemains.FindLaterChunk(file, log, segment, at, _next ?? 0, out lastByte) is { } found)
            {
                var scanner = new ChunkScanner(file, log, segment, found);
                while (TryNext(scanner, out var chunk))
                    _behind.Add(chunk);
                at = scanner.Offset;
            }

            bytes += at - from;
            if (at == from)
                torn = Math.Max(torn, TornBytes(file, segment, from, lastByte));
        }

        return bytes;
    }

    private long TornBytes(IDiskFile file, int segment, long from, long lastByte)
    {
        var sector = new byte[ChunkCodec.Alignment];
        var head = sector.AsSpan(0, file.Read(sector, from));
        if (ChunkRemains.Resembles(head, log, _next ?? -1, segment))
        {
            var whole = ChunkCodec.Peek(head, out var header) == ChunkLook.Chunk ? ChunkCodec.PaddedLength(header.FrameBytes) : head.Length;
            return Math.Min(whole, file.Length - from);
        }

        // A zero sector with something behind it is a torn write too; remains of an earlier use have their own bytes here.
        return head.IndexOfAnyExcept((byte)0) < 0 ? lastByte - from : 0;
    }

    private bool HasRoom(int segment, long offset)
    {
        using var file = files.Open(paths.Segment(log, segment), FileMode.Open, FileAccess.Read);
        return file is not null && offset < file.Length;
    }

    private byte[] Head(int segment)
    {
        using var file = files.Open(paths.Segment(log, segment), FileMode.Open, FileAccess.Read);
        var sector = new byte[ChunkCodec.Alignment];
        return file is null ? [] : sector[..file.Read(sector, 0)];
    }

    /// <summary>A place that the disk won't read is a hole like any other.</summary>
    private static bool TryNext(ChunkScanner scanner, out StoredChunk chunk)
    {
        try
        {
            return scanner.TryNext(out chunk);
        }
        catch (IOException e) when (e is not LogVersionException)
        {
            chunk = default;
            return false;
        }
    }

    private LogReport Report(LogEnding ending) => new()
    {
        Log = log,
        Segments = _segments.Count,
        Held = _held,
        Behind = _behind,
        FirstChunk = _first,
        NextChunk = _next ?? 0,
        Ending = ending,
        Fence = _fence,
    };
}
