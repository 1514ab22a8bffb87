using System.Buffers.Binary;

namespace Rollbook.StepLog;

/// <summary>
/// The end of a log, written once and never changed; numbers little-endian.
/// <code>
///   0  magic       "RBFENCE1"
///   8  log id      16 bytes, big-endian
///  24  fence       i64
///  32  torn bytes  i64
///  40  CRC         u32   CRC-32C of all bytes before
/// </code>
/// </summary>
internal static class FenceFile
{
    private const int Size = 44;

    private static ReadOnlySpan<byte> Magic => "RBFENCE1"u8;

    /// <summary>Records the end, durable when it returns.</summary>
    public static void Write(IDiskFiles files, LocalPaths paths, LogId log, LogEnd end)
    {
        Span<byte> bytes = stackalloc byte[Size];
        Magic.CopyTo(bytes);
        BinaryPrimitives.WriteUInt128BigEndian(bytes[8..], log.Value);
        BinaryPrimitives.WriteInt64LittleEndian(bytes[24..], end.Fence);
        BinaryPrimitives.WriteInt64LittleEndian(bytes[32..], end.TornBytes);
        BinaryPrimitives.WriteUInt32LittleEndian(bytes[40..], Crc32C.Append(0, bytes[..40]));
        WholeFile.Write(files, paths.Fence(log), bytes);
    }

    /// <summary>The recorded end; null where the log has none.</summary>
    /// <exception cref="LogCorruptException">The file is damaged.</exception>
    public static LogEnd? Read(IDiskFiles files, LocalPaths paths, LogId log)
    {
        if (WholeFile.Read(files, paths.Fence(log)) is not { } stored) return null;
        ReadOnlySpan<byte> bytes = stored;
        if (bytes.Length != Size || !bytes[..8].SequenceEqual(Magic)
            || BinaryPrimitives.ReadUInt128BigEndian(bytes[8..]) != log.Value
            || BinaryPrimitives.ReadUInt32LittleEndian(bytes[40..]) != Crc32C.Append(0, bytes[..40]))
            throw new LogCorruptException(log, -1, paths.Fence(log));
        return new LogEnd(BinaryPrimitives.ReadInt64LittleEndian(bytes[24..]), BinaryPrimitives.ReadInt64LittleEndian(bytes[32..]));
    }
}
