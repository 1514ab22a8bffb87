using System.Buffers.Binary;

namespace Rollbook.Embedded;

/// <summary>ULIDs as 16 bytes, most significant first, so that rows lie in the order of the ids.</summary>
internal static class Id128
{
    /// <summary>The bytes of an id.</summary>
    public static byte[] ToBytes(UInt128 id)
    {
        var bytes = new byte[16];
        BinaryPrimitives.WriteUInt128BigEndian(bytes, id);
        return bytes;
    }

    /// <summary>The id of 16 bytes.</summary>
    public static UInt128 FromBytes(ReadOnlySpan<byte> bytes) => BinaryPrimitives.ReadUInt128BigEndian(bytes);
}
