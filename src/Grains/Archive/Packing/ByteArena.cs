namespace Rollbook.Archive;

/// <summary>Memory for one stretch of a log at a time: copied into piece by piece, and all of it free again at once. Blocks are kept for the next stretch.</summary>
internal sealed class ByteArena
{
    // A power of two below the size at which an array costs the large object heap a segment of its own.
    private const int BlockBytes = 1 << 20;

    private readonly List<byte[]> blocks = [];
    private int block = -1;
    private int used = BlockBytes;

    /// <summary>Bytes that were copied since the last <see cref="Clear"/>.</summary>
    public long Bytes { get; private set; }

    /// <summary>Copies bytes; the copy is valid until <see cref="Clear"/>.</summary>
    public ReadOnlyMemory<byte> Copy(ReadOnlySpan<byte> bytes)
    {
        Bytes += bytes.Length;
        if (bytes.Length > BlockBytes / 4) return bytes.ToArray();
        if (used + bytes.Length > BlockBytes)
        {
            if (++block == blocks.Count) blocks.Add(GC.AllocateUninitializedArray<byte>(BlockBytes));
            used = 0;
        }

        var copy = blocks[block].AsMemory(used, bytes.Length);
        bytes.CopyTo(copy.Span);
        used += bytes.Length;
        return copy;
    }

    /// <summary>Forgets all copies.</summary>
    public void Clear()
    {
        (block, used, Bytes) = (-1, BlockBytes, 0);
    }
}
