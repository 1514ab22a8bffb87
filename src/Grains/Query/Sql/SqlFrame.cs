using System.Buffers.Binary;

namespace Rollbook.Query;

/// <summary>What a worker says: one byte of kind, four of length (little-endian), the payload.</summary>
/// <param name="Kind">Which.</param>
/// <param name="Payload">Columns: JSON. Rows: bytes of the answer. Refused and done: JSON of ours.</param>
internal readonly record struct SqlFrame(SqlFrameKind Kind, byte[] Payload)
{
    private const int MaxPayload = 256 << 20;

    /// <summary>Writes a frame.</summary>
    public static void Write(Stream output, SqlFrameKind kind, ReadOnlySpan<byte> payload)
    {
        Span<byte> head = stackalloc byte[5];
        head[0] = (byte)kind;
        BinaryPrimitives.WriteInt32LittleEndian(head[1..], payload.Length);
        output.Write(head);
        output.Write(payload);
        output.Flush();
    }

    /// <summary>Reads a frame; null = the worker ended.</summary>
    /// <exception cref="InvalidDataException">It is none.</exception>
    public static async ValueTask<SqlFrame?> ReadAsync(Stream input, CancellationToken cancellation)
    {
        var head = new byte[5];
        if (await input.ReadAtLeastAsync(head, head.Length, throwOnEndOfStream: false, cancellation) < head.Length) return null;
        var length = BinaryPrimitives.ReadInt32LittleEndian(head.AsSpan(1));
        if (length is < 0 or > MaxPayload || !Enum.IsDefined((SqlFrameKind)head[0])) throw new InvalidDataException("A query's worker wrote what is no frame.");
        var payload = new byte[length];
        if (await input.ReadAtLeastAsync(payload, length, throwOnEndOfStream: false, cancellation) < length) return null;
        return new SqlFrame((SqlFrameKind)head[0], payload);
    }
}
