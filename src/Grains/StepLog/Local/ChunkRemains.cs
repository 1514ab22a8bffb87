using System.Buffers.Binary;

namespace Rollbook.StepLog;

/// <summary>
/// Tells what stands behind the end of a log: nothing, remains of an earlier use of the file, a torn or damaged chunk of this log, or
/// a later valid one.
/// </summary>
internal static class ChunkRemains
{
    private const int BlockBytes = 1 << 20;
    private const int IdOffset = 16;
    private const int NumberOffset = 32;
    private const int SegmentOffset = 40;

    /// <summary>Of an id's 16 bytes: enough that neither another id of the same millisecond nor one flipped byte is mistaken.</summary>
    private const int IdBytesThatTell = 13;

    /// <summary>The log id in a chunk's header.</summary>
    public static LogId IdOf(ReadOnlySpan<byte> header) => new(BinaryPrimitives.ReadUInt128BigEndian(header[IdOffset..]));

    /// <summary>
    /// True where a sector is, or was before it was damaged, the head of this log's chunk of this number or segment. Remains of a recycled
    /// file have another id, or a lower number and segment.
    /// </summary>
    public static bool Resembles(ReadOnlySpan<byte> sector, LogId log, long number, int segment)
    {
        if (sector.Length < ChunkCodec.HeaderSize || sector.IndexOfAnyExcept((byte)0) < 0) return false;
        Span<byte> id = stackalloc byte[16];
        BinaryPrimitives.WriteUInt128BigEndian(id, log.Value);
        var same = 0;
        for (var i = 0; i < id.Length; i++) same += id[i] == sector[IdOffset + i] ? 1 : 0;
        return same >= IdBytesThatTell
            && (BinaryPrimitives.ReadInt64LittleEndian(sector[NumberOffset..]) == number
                || BinaryPrimitives.ReadInt32LittleEndian(sector[SegmentOffset..]) == segment);
    }

    /// <summary>Looks at every boundary from an offset to the file's end for a valid chunk of this log that was written there.</summary>
    /// <param name="file">The segment's file.</param>
    /// <param name="log">The log.</param>
    /// <param name="segment">The segment.</param>
    /// <param name="from">Where to begin, a multiple of 512.</param>
    /// <param name="number">Lower numbers do not count.</param>
    /// <param name="lastByte">The end of the last byte that is not zero, at least <paramref name="from"/>.</param>
    /// <returns>The offset of such a chunk; null = none.</returns>
    public static long? FindLaterChunk(IDiskFile file, LogId log, int segment, long from, long number, out long lastByte)
    {
        lastByte = from;
        var block = new byte[Math.Clamp(file.Length - from, 1, BlockBytes)];
        for (var at = from; ; at += block.Length)
        {
            var read = block.AsSpan(0, file.Read(block, at));
            for (var sector = 0; sector < read.Length; sector += ChunkCodec.Alignment)
            {
                var bytes = read[sector..Math.Min(sector + ChunkCodec.Alignment, read.Length)];
                var last = bytes.LastIndexOfAnyExcept((byte)0);
                if (last < 0) continue;
                lastByte = at + sector + last + 1;
                if (ChunkCodec.Peek(bytes, out var header) != ChunkLook.Chunk || header.Log != log || header.Address.Number < number) continue;
                if (new ChunkScanner(file, log, segment, at + sector).TryNext(out _)) return at + sector;
            }

            if (read.Length < block.Length) return null;
        }
    }
}
