using System.Buffers.Binary;

namespace Rollbook.StepLog;

/// <summary>
/// What ends a log in an object store: an object at the first number that holds no chunk. It is shorter than any chunk, so that a listing tells it from one, and its bytes
/// depend on log and number alone: whoever puts it puts the same.
/// <code>
///   0  magic            FF 52 42 46 4E 43 FE 0A
///   8  format version   u16 = 1
///  10  reserved         6 bytes of 0
///  16  log id           16 bytes, big-endian
///  32  number           i64, little-endian
///  40  CRC              u32, CRC-32C of bytes 0–39
///  44  reserved         4 bytes of 0
/// </code>
/// </summary>
internal static class FenceObject
{
    /// <summary>Its length; chunks are multiples of <see cref="ChunkCodec.Alignment"/>.</summary>
    public const int Length = 48;

    private const ushort Version = 1;

    private static ReadOnlySpan<byte> Magic => [0xFF, 0x52, 0x42, 0x46, 0x4E, 0x43, 0xFE, 0x0A];

    /// <summary>The fence of a log at a number.</summary>
    public static byte[] Write(LogId log, long number)
    {
        var bytes = new byte[Length];
        Magic.CopyTo(bytes);
        BinaryPrimitives.WriteUInt16LittleEndian(bytes.AsSpan(8), Version);
        BinaryPrimitives.WriteUInt128BigEndian(bytes.AsSpan(16), log.Value);
        BinaryPrimitives.WriteInt64LittleEndian(bytes.AsSpan(32), number);
        BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(40), Crc32C.Append(0, bytes.AsSpan(0, 40)));
        return bytes;
    }

    /// <summary>What stands at a number: a fence, a chunk, or something that this release can't read.</summary>
    /// <param name="bytes">The object's first bytes, at least <see cref="ChunkCodec.HeaderSize"/> of a chunk.</param>
    /// <param name="log">The log.</param>
    /// <param name="number">The number.</param>
    /// <returns>True for the fence, false for a chunk.</returns>
    /// <exception cref="LogVersionException">Another release's format.</exception>
    /// <exception cref="LogCorruptException">Neither.</exception>
    public static bool Is(ReadOnlySpan<byte> bytes, LogId log, long number)
    {
        if (bytes.Length == Length && bytes.SequenceEqual(Write(log, number))) return true;
        if (bytes.StartsWith(Magic) && bytes.Length >= 10 && BinaryPrimitives.ReadUInt16LittleEndian(bytes[8..]) != Version) throw new LogVersionException(log, number);
        return ChunkCodec.Peek(bytes, out var header) switch
        {
            ChunkLook.OtherVersion => throw new LogVersionException(log, number),
            ChunkLook.Chunk when header.Log == log && header.Address.Number == number => false,
            _ => throw new LogCorruptException(log, number, ObjectNames.Chunk(log, number)),
        };
    }
}
