using System.Buffers.Binary;

namespace Rollbook.StepLog;

/// <summary>
/// The layout of a chunk, one group commit. All numbers are little-endian; a chunk starts on a 512-byte boundary and is padded
/// with zeros to the next one.
/// <code>
///   0  magic            FF 52 42 43 48 4B FE 0A   (FF and FE never occur in UTF-8)
///   8  format version   u16 = 1
///  10  reserved         u16 = 0
///  12  frame count      u32
///  16  log id           16 bytes, big-endian
///  32  number           i64
///  40  segment          i32
///  44  frame bytes      i32   length of the frames
///  48  offset           i64   of this chunk in its segment
///  56  previous CRC     u32   CRC of the chunk before; 0 for the first of the log
///  60  chunk CRC        u32   CRC-32C of bytes 0–59, then of every frame's CRC word in order
///  64  frames           see FrameCodec
/// </code>
/// The chunk's CRC covers the frames through their own CRC words, so that each byte is hashed once: a frame that is read alone
/// proves itself, and the chunk proves that these frames, and no others, were written in this place.
/// </summary>
public static class ChunkCodec
{
    /// <summary>Chunks start on multiples of this.</summary>
    public const int Alignment = 512;

    /// <summary>Length of the header.</summary>
    public const int HeaderSize = 64;

    /// <summary>The version that this release writes; it reads no other yet.</summary>
    public const ushort Version = 1;

    private static ReadOnlySpan<byte> Magic => [0xFF, 0x52, 0x42, 0x43, 0x48, 0x4B, 0xFE, 0x0A];

    /// <summary>A chunk's length on the device: header and frames, padded to the next boundary.</summary>
    public static long PaddedLength(long frameBytes) => (HeaderSize + frameBytes + Alignment - 1) / Alignment * Alignment;

    /// <summary>Writes the header before <paramref name="frames"/> and returns the chunk's CRC.</summary>
    /// <param name="chunk">Header space of 64 bytes followed by the frames.</param>
    /// <param name="log">The writing log.</param>
    /// <param name="address">Where the chunk goes.</param>
    /// <param name="previousCrc">CRC of the chunk before.</param>
    /// <param name="frameCount">Number of frames.</param>
    /// <param name="frameBytes">Length of the frames.</param>
    public static uint Seal(Span<byte> chunk, LogId log, ChunkAddress address, uint previousCrc, int frameCount, int frameBytes)
    {
        var head = chunk[..HeaderSize];
        head.Clear();
        Magic.CopyTo(head);
        BinaryPrimitives.WriteUInt16LittleEndian(head[8..], Version);
        BinaryPrimitives.WriteInt32LittleEndian(head[12..], frameCount);
        BinaryPrimitives.WriteUInt128BigEndian(head[16..], log.Value);
        BinaryPrimitives.WriteInt64LittleEndian(head[32..], address.Number);
        BinaryPrimitives.WriteInt32LittleEndian(head[40..], address.Segment);
        BinaryPrimitives.WriteInt32LittleEndian(head[44..], frameBytes);
        BinaryPrimitives.WriteInt64LittleEndian(head[48..], address.Offset);
        BinaryPrimitives.WriteUInt32LittleEndian(head[56..], previousCrc);
        var crc = Crc32C.Append(0, head[..60]);
        var frames = chunk.Slice(HeaderSize, frameBytes);
        while (!frames.IsEmpty)
        {
            crc = Crc32C.Append(crc, frames.Slice(FrameCodec.CrcOffset, 4));
            frames = frames[BinaryPrimitives.ReadInt32LittleEndian(frames)..];
        }

        BinaryPrimitives.WriteUInt32LittleEndian(head[60..], crc);
        return crc;
    }

    /// <summary>Reads a header without the frames; nothing is proved yet but that it looks like one.</summary>
    /// <returns>What was found: no chunk, a chunk of this version, or one of another version (never damage).</returns>
    public static ChunkLook Peek(ReadOnlySpan<byte> bytes, out ChunkHeader header)
    {
        header = default;
        if (bytes.Length < HeaderSize || !bytes[..8].SequenceEqual(Magic)) return ChunkLook.None;
        if (BinaryPrimitives.ReadUInt16LittleEndian(bytes[8..]) != Version) return ChunkLook.OtherVersion;
        var count = BinaryPrimitives.ReadInt32LittleEndian(bytes[12..]);
        var frameBytes = BinaryPrimitives.ReadInt32LittleEndian(bytes[44..]);
        var address = new ChunkAddress(
            BinaryPrimitives.ReadInt64LittleEndian(bytes[32..]),
            BinaryPrimitives.ReadInt32LittleEndian(bytes[40..]),
            BinaryPrimitives.ReadInt64LittleEndian(bytes[48..]));
        header = new ChunkHeader(
            new LogId(BinaryPrimitives.ReadUInt128BigEndian(bytes[16..])), address,
            BinaryPrimitives.ReadUInt32LittleEndian(bytes[56..]), count, frameBytes,
            BinaryPrimitives.ReadUInt32LittleEndian(bytes[60..]));
        return count < 0 || frameBytes < 0 || address.Number < 0 || address.Segment < 0 || address.Offset < 0
            ? ChunkLook.None
            : ChunkLook.Chunk;
    }

    /// <summary>
    /// Checks a whole chunk: its CRC and every frame's. A frame of another version is proved like any other: whoever reads the frames meets it.
    /// </summary>
    /// <param name="chunk">At least header and frames; padding may follow.</param>
    /// <param name="header">The header, where the result is true.</param>
    public static bool TryOpen(ReadOnlySpan<byte> chunk, out ChunkHeader header)
    {
        if (Peek(chunk, out header) != ChunkLook.Chunk || chunk.Length - HeaderSize < header.FrameBytes) return false;
        var crc = Crc32C.Append(0, chunk[..60]);
        var frames = chunk.Slice(HeaderSize, header.FrameBytes);
        var count = 0;
        while (!frames.IsEmpty)
        {
            if (!FrameCodec.TryProve(frames, out var length)) return false;
            crc = Crc32C.Append(crc, frames.Slice(FrameCodec.CrcOffset, 4));
            frames = frames[length..];
            count++;
        }

        return count == header.FrameCount && crc == header.Crc;
    }
}
