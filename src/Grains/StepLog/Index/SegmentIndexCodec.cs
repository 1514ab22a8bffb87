using System.Buffers.Binary;

namespace Rollbook.StepLog;

/// <summary>
/// A segment's index as bytes; numbers little-endian.
/// <code>
///   0  magic          FF 52 42 49 58 FE 00 01   (the last two: format version)
///   8  log id         16 bytes, big-endian
///  24  segment        i32
///  28  entries        i32
///  32  first chunk    i64
///  40  owned begin    i64   -1 where none
///  48  end chunk      i64   the number after its last one
///  56  entries, 64 bytes each: episode 16, term i64, ordinal i64, count i32, kind u8 + 3 zero, chunk i64, chunk offset i64, frame offset i32, frame length i32
///   …  CRC-32C        u32   of all before
/// </code>
/// </summary>
internal static class SegmentIndexCodec
{
    private const int HeadSize = 56;
    private const int EntrySize = 64;

    private static ReadOnlySpan<byte> Magic => [0xFF, 0x52, 0x42, 0x49, 0x58, 0xFE, 0x00, 0x01];

    public static string NameOf(int segment) => $"index-{segment:D8}";

    public static byte[] Write(LogId log, SegmentIndex index)
    {
        var entries = index.Entries;
        var bytes = new byte[HeadSize + (entries.Length * EntrySize) + 4];
        Magic.CopyTo(bytes);
        BinaryPrimitives.WriteUInt128BigEndian(bytes.AsSpan(8), log.Value);
        BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(24), index.Segment);
        BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(28), entries.Length);
        BinaryPrimitives.WriteInt64LittleEndian(bytes.AsSpan(32), index.FirstChunk);
        BinaryPrimitives.WriteInt64LittleEndian(bytes.AsSpan(40), index.OwnedBegin ?? -1);
        BinaryPrimitives.WriteInt64LittleEndian(bytes.AsSpan(48), index.EndChunk);
        for (var i = 0; i < entries.Length; i++) WriteEntry(bytes.AsSpan(HeadSize + (i * EntrySize)), entries[i]);
        BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(bytes.Length - 4), Crc32C.Append(0, bytes.AsSpan(0, bytes.Length - 4)));
        return bytes;
    }

    /// <summary>Reads an index; null where the bytes are damaged or of another format, and must be made again from the log.</summary>
    public static SegmentIndex? TryRead(LogId log, ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length < HeadSize + 4 || !bytes[..8].SequenceEqual(Magic)) return null;
        if (BinaryPrimitives.ReadUInt32LittleEndian(bytes[^4..]) != Crc32C.Append(0, bytes[..^4])) return null;
        if (BinaryPrimitives.ReadUInt128BigEndian(bytes[8..]) != log.Value) return null;
        var segment = BinaryPrimitives.ReadInt32LittleEndian(bytes[24..]);
        var count = BinaryPrimitives.ReadInt32LittleEndian(bytes[28..]);
        if (bytes.Length != HeadSize + ((long)count * EntrySize) + 4) return null;
        var owned = BinaryPrimitives.ReadInt64LittleEndian(bytes[40..]);
        var entries = new IndexEntry[count];
        for (var i = 0; i < count; i++) entries[i] = ReadEntry(segment, bytes[(HeadSize + (i * EntrySize))..]);
        var first = BinaryPrimitives.ReadInt64LittleEndian(bytes[32..]);
        return new SegmentIndex(segment, first, BinaryPrimitives.ReadInt64LittleEndian(bytes[48..]), owned < 0 ? null : owned, entries);
    }

    private static void WriteEntry(Span<byte> to, in IndexEntry entry)
    {
        BinaryPrimitives.WriteUInt128BigEndian(to, entry.Episode.Value);
        BinaryPrimitives.WriteInt64LittleEndian(to[16..], entry.Term);
        BinaryPrimitives.WriteInt64LittleEndian(to[24..], entry.Ordinal);
        BinaryPrimitives.WriteInt32LittleEndian(to[32..], entry.Count);
        to[36] = (byte)entry.Kind;
        BinaryPrimitives.WriteInt64LittleEndian(to[40..], entry.Chunk.Number);
        BinaryPrimitives.WriteInt64LittleEndian(to[48..], entry.Chunk.Offset);
        BinaryPrimitives.WriteInt32LittleEndian(to[56..], entry.Offset);
        BinaryPrimitives.WriteInt32LittleEndian(to[60..], entry.Length);
    }

    private static IndexEntry ReadEntry(int segment, ReadOnlySpan<byte> from) => new(
        new EpisodeId(BinaryPrimitives.ReadUInt128BigEndian(from)),
        BinaryPrimitives.ReadInt64LittleEndian(from[16..]),
        BinaryPrimitives.ReadInt64LittleEndian(from[24..]),
        BinaryPrimitives.ReadInt32LittleEndian(from[32..]),
        (FrameKind)from[36],
        new ChunkAddress(BinaryPrimitives.ReadInt64LittleEndian(from[40..]), segment, BinaryPrimitives.ReadInt64LittleEndian(from[48..])),
        BinaryPrimitives.ReadInt32LittleEndian(from[56..]),
        BinaryPrimitives.ReadInt32LittleEndian(from[60..]));
}
