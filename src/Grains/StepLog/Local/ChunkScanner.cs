namespace Rollbook.StepLog;

/// <summary>
/// Walks the chunks of one segment file from a boundary, each proved by its CRCs and tied to the one before. It stops at the first
/// boundary that holds no such chunk and stays there.
/// </summary>
internal sealed class ChunkScanner(IDiskFile file, LogId log, int segment, long offset = 0)
{
    private const int BlockBytes = 1 << 20;
    private byte[] _buffer = [];
    private long _bufferStart;
    private int _bufferLength;

    /// <summary>The boundary at which the next chunk is expected.</summary>
    public long Offset { get; private set; } = offset;

    /// <summary>The number that is expected next; null takes any.</summary>
    public long? Number { get; init; }

    /// <summary>The CRC of the chunk before; null takes any.</summary>
    public uint? PreviousCrc { get; init; }

    private long? _number;
    private uint? _crc;
    private bool _begun;

    /// <summary>The number of the next chunk, as far as it is known.</summary>
    public long? NextNumber => _begun ? _number : Number;

    /// <summary>The CRC that the next chunk has to name, as far as it is known.</summary>
    public uint? NextPreviousCrc => _begun ? _crc : PreviousCrc;

    /// <summary>True where the next chunk lies whole in memory: <see cref="TryNext"/> will not touch the disk.</summary>
    public bool IsBuffered =>
        Buffered(ChunkCodec.HeaderSize) is { IsEmpty: false } head
        && ChunkCodec.Peek(head.Span, out var header) == ChunkLook.Chunk
        && !Buffered(ChunkCodec.HeaderSize + (long)header.FrameBytes).IsEmpty;

    /// <summary>Reads the next chunk. Its memory is reused by the next call.</summary>
    /// <exception cref="LogVersionException">A chunk of this log stands here in another release's format.</exception>
    public bool TryNext(out StoredChunk chunk)
    {
        chunk = default;
        var head = Load(ChunkCodec.HeaderSize);
        if (head.IsEmpty) return false;
        var look = ChunkCodec.Peek(head.Span, out var header);
        // The log's id stands at the same place in every version.
        if (look == ChunkLook.OtherVersion && ChunkRemains.IdOf(head.Span) == log) throw new LogVersionException(log, NextNumber ?? -1);
        if (look != ChunkLook.Chunk || !IsExpected(header)) return false;
        var whole = Load(ChunkCodec.HeaderSize + (long)header.FrameBytes);
        if (whole.IsEmpty || !ChunkCodec.TryOpen(whole.Span, out header)) return false;
        chunk = new StoredChunk(header, whole.Slice(ChunkCodec.HeaderSize, header.FrameBytes));
        Offset += ChunkCodec.PaddedLength(header.FrameBytes);
        _number = header.Address.Number + 1;
        _crc = header.Crc;
        _begun = true;
        return true;
    }

    private bool IsExpected(in ChunkHeader header) =>
        header.Log == log && header.Address.Segment == segment && header.Address.Offset == Offset
        && header.Address.Number == (NextNumber ?? header.Address.Number)
        && header.PreviousCrc == (NextPreviousCrc ?? header.PreviousCrc);

    private ReadOnlyMemory<byte> Buffered(long length)
    {
        var at = Offset - _bufferStart;
        return at >= 0 && at + length <= _bufferLength ? _buffer.AsMemory((int)at, (int)length) : default;
    }

    /// <summary>The bytes from <see cref="Offset"/> on; empty where the file has fewer.</summary>
    private ReadOnlyMemory<byte> Load(long length)
    {
        if (Buffered(length) is { IsEmpty: false } ready) return ready;
        var available = file.Length - Offset;
        if (available < length) return default;
        var block = (int)Math.Min(available, Math.Max(length, BlockBytes));
        if (_buffer.Length < block) _buffer = new byte[block];
        _bufferStart = Offset;
        _bufferLength = file.Read(_buffer.AsSpan(0, block), Offset);
        return Buffered(length);
    }
}
