namespace Rollbook.Archive;

/// <summary>Memory for one stretch of a log: copied into piece by piece, and all of it free again with the stretch.</summary>
internal sealed class ByteArena
{
    private const int BlockBytes = 1 << 20;

    private byte[] block = [];
    private int used;

    /// <summary>Bytes that were copied.</summary>
    public long Bytes { get; private set; }

    /// <summary>Copies bytes.</summary>
    public ReadOnlyMemory<byte> Copy(ReadOnlySpan<byte> bytes)
    {
        Bytes += bytes.Length;
        // Else most of a block would be left over for it.
        if (bytes.Length > BlockBytes / 4) return bytes.ToArray();
        if (used + bytes.Length > block.Length) (block, used) = (GC.AllocateUninitializedArray<byte>(BlockBytes), 0);
        var copy = block.AsMemory(used, bytes.Length);
        bytes.CopyTo(copy.Span);
        used += bytes.Length;
        return copy;
    }
}
