using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace Rollbook.Episodes;

/// <summary>The first 16 bytes of SHA-256, by which event ids and bodies are kept and compared.</summary>
internal static class EventHash
{
    public static UInt128 Of(ReadOnlySpan<byte> bytes)
    {
        Span<byte> digest = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(bytes, digest);
        return BinaryPrimitives.ReadUInt128BigEndian(digest);
    }

    public static UInt128 Of(string eventId) => Of(Encoding.UTF8.GetBytes(eventId));
}
