using System.Buffers.Binary;
using Rollbook.Episodes;
using Rollbook.StepLog;

namespace Rollbook.Embedded;

/// <summary>
/// The extents of a header as bytes: a version byte, then for each extent, in term order, the term (8 bytes, most significant first)
/// and the log's id (16 bytes, most significant first).
/// </summary>
internal static class ExtentCodec
{
    private const byte Version = 1;
    private const int Size = 24;

    /// <summary>The bytes of extents.</summary>
    public static byte[] Encode(IReadOnlyList<Extent> extents)
    {
        var bytes = new byte[1 + (extents.Count * Size)];
        bytes[0] = Version;
        for (var i = 0; i < extents.Count; i++)
        {
            var place = bytes.AsSpan(1 + (i * Size), Size);
            BinaryPrimitives.WriteInt64BigEndian(place, extents[i].Term);
            BinaryPrimitives.WriteUInt128BigEndian(place[8..], extents[i].Log.Value);
        }

        return bytes;
    }

    /// <summary>The extents of bytes.</summary>
    /// <exception cref="InvalidDataException">The bytes are of another version, or not whole.</exception>
    public static Extent[] Decode(ReadOnlySpan<byte> bytes)
    {
        if (bytes.IsEmpty || bytes[0] != Version || (bytes.Length - 1) % Size != 0)
            throw new InvalidDataException($"The extents of a header have version {(bytes.IsEmpty ? -1 : bytes[0])} and {bytes.Length} bytes; version {Version} is expected.");
        var extents = new Extent[(bytes.Length - 1) / Size];
        for (var i = 0; i < extents.Length; i++)
        {
            var place = bytes.Slice(1 + (i * Size), Size);
            extents[i] = new Extent(BinaryPrimitives.ReadInt64BigEndian(place), new LogId(BinaryPrimitives.ReadUInt128BigEndian(place[8..])));
        }

        return extents;
    }
}
