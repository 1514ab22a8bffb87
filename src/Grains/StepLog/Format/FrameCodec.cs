using System.Buffers.Binary;
using System.Text;

namespace Rollbook.StepLog;

/// <summary>
/// The layout of a frame; numbers little-endian.
/// <code>
///   0  length           i32   of the whole frame
///   4  CRC              u32   CRC-32C of all the frame's bytes but these four
///   8  kind             u8    see FrameKind
///   9  format version   u8 = 1
///  10  project length   u16
///  12  count            i32   steps in it; 0 for other kinds
///  16  episode          16 bytes, big-endian
///  32  term             i64
///  40  ordinal          i64
///  48  project          UTF-8
///   …  payload
/// </code>
/// </summary>
public static class FrameCodec
{
    /// <summary>Where the CRC word stands in a frame.</summary>
    public const int CrcOffset = 4;

    /// <summary>Length of the fixed head.</summary>
    public const int HeaderSize = 48;

    // Length, CRC, kind and version stand in the same place in every version, so that a chunk is proved whatever its frames say.
    private const int EnvelopeSize = 10;

    /// <summary>The version that this release writes; it reads no other yet.</summary>
    public const byte Version = 1;

    /// <summary>The length of a frame.</summary>
    public static int LengthOf(EpisodeKey key, int payloadLength) =>
        HeaderSize + Encoding.UTF8.GetByteCount(key.Project) + payloadLength;

    /// <summary>Writes a whole frame, whose length is <see cref="LengthOf"/>.</summary>
    public static void Write(Span<byte> to, FrameKind kind, EpisodeKey key, long term, long ordinal, int count, ReadOnlySpan<byte> payload)
    {
        var projectLength = Encoding.UTF8.GetBytes(key.Project, to[HeaderSize..]);
        BinaryPrimitives.WriteInt32LittleEndian(to, to.Length);
        to[8] = (byte)kind;
        to[9] = Version;
        BinaryPrimitives.WriteUInt16LittleEndian(to[10..], (ushort)projectLength);
        BinaryPrimitives.WriteInt32LittleEndian(to[12..], count);
        BinaryPrimitives.WriteUInt128BigEndian(to[16..], key.Id.Value);
        BinaryPrimitives.WriteInt64LittleEndian(to[32..], term);
        BinaryPrimitives.WriteInt64LittleEndian(to[40..], ordinal);
        payload.CopyTo(to[(HeaderSize + projectLength)..]);
        BinaryPrimitives.WriteUInt32LittleEndian(to[CrcOffset..], Checksum(to));
    }

    /// <summary>Proves the frame that starts <paramref name="bytes"/>, of whatever version and kind.</summary>
    /// <returns>False where the bytes are not a whole frame with a right CRC: damage.</returns>
    public static bool TryProve(ReadOnlySpan<byte> bytes, out int length)
    {
        length = bytes.Length < EnvelopeSize ? -1 : BinaryPrimitives.ReadInt32LittleEndian(bytes);
        return length >= EnvelopeSize && length <= bytes.Length
            && BinaryPrimitives.ReadUInt32LittleEndian(bytes[CrcOffset..]) == Checksum(bytes[..length]);
    }

    /// <summary>Reads and proves the frame that starts <paramref name="bytes"/>.</summary>
    /// <returns>
    /// False where the bytes are not a whole frame with a right CRC, or where it is of a version or kind that this release does not read: the latter is
    /// never damage, and <see cref="TryProve"/> tells them apart.
    /// </returns>
    public static bool TryRead(ReadOnlySpan<byte> bytes, out Frame frame)
    {
        frame = default;
        if (!TryProve(bytes, out var length) || length < HeaderSize || bytes[9] != Version || !Reads((FrameKind)bytes[8])) return false;
        var projectLength = BinaryPrimitives.ReadUInt16LittleEndian(bytes[10..]);
        if (length < HeaderSize + projectLength) return false;
        bytes = bytes[..length];
        frame = new Frame
        {
            Kind = (FrameKind)bytes[8],
            Length = length,
            ProjectUtf8 = bytes.Slice(HeaderSize, projectLength),
            Episode = new EpisodeId(BinaryPrimitives.ReadUInt128BigEndian(bytes[16..])),
            Term = BinaryPrimitives.ReadInt64LittleEndian(bytes[32..]),
            Ordinal = BinaryPrimitives.ReadInt64LittleEndian(bytes[40..]),
            Count = BinaryPrimitives.ReadInt32LittleEndian(bytes[12..]),
            Payload = bytes[(HeaderSize + projectLength)..],
        };
        return true;
    }

    // Every kind belongs to the tail: a release that doesn't keep one there must not take over an episode that has some.
    private static bool Reads(FrameKind kind) => kind is >= FrameKind.Start and <= FrameKind.Patch;

    private static uint Checksum(ReadOnlySpan<byte> frame) =>
        Crc32C.Append(Crc32C.Append(0, frame[..CrcOffset]), frame[(CrcOffset + 4)..]);
}
