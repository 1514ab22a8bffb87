using System.Buffers.Binary;
using System.Globalization;
using System.Runtime.CompilerServices;
using Rollbook.StepLog;
using ZstdSharp;

namespace Rollbook.Archive;

/// <summary>Finds single frames in a frame pack: its tables stay in memory, and the block that was read last. One read at a time. See <see cref="FramePackFormat"/>.</summary>
internal sealed class FramePackReader
{
    private readonly string name;
    private readonly byte[] head;
    private readonly int frames;
    private (int Block, byte[]? Plain) last;

    private FramePackReader(string name, byte[] head, int frames) => (this.name, this.head, this.frames) = (name, head, frames);

    /// <summary>How many frames it has.</summary>
    public int Count => frames;

    /// <summary>Reads and proves the tables.</summary>
    /// <exception cref="PackVersionException">A newer release wrote it.</exception>
    /// <exception cref="PackDamagedException">The file is damaged, or of another log.</exception>
    public static async ValueTask<FramePackReader> OpenAsync(string name, LogId log, Stream from, CancellationToken cancellation)
    {
        var fixedHead = new byte[FramePackFormat.HeadSize];
        if (await from.ReadAtLeastAsync(fixedHead, fixedHead.Length, throwOnEndOfStream: false, cancellation) < fixedHead.Length) throw Damaged(name, "it is too short");
        if (!fixedHead.AsSpan(0, FramePackFormat.VersionOffset).SequenceEqual(FramePackFormat.Magic[..FramePackFormat.VersionOffset])) throw Damaged(name, "it does not begin like one");
        if (fixedHead[FramePackFormat.VersionOffset] is var version && version != FramePackFormat.Magic[^1]) throw new PackVersionException(name, version.ToString(CultureInfo.InvariantCulture));
        var frames = BinaryPrimitives.ReadInt32LittleEndian(fixedHead.AsSpan(24));
        var blocks = BinaryPrimitives.ReadInt32LittleEndian(fixedHead.AsSpan(28));
        var length = FramePackFormat.HeadSize + ((long)frames * FramePackFormat.FrameSize) + ((long)blocks * FramePackFormat.BlockSize) + 4;
        if (frames < 0 || blocks < 0 || length > from.Length) throw Damaged(name, "its tables are longer than the file");
        var head = new byte[length];
        fixedHead.CopyTo(head, 0);
        await from.ReadExactlyAsync(head.AsMemory(fixedHead.Length), cancellation);
        if (BinaryPrimitives.ReadUInt32LittleEndian(head.AsSpan(head.Length - 4)) != Crc32C.Append(0, head.AsSpan(0, head.Length - 4))) throw Damaged(name, "its tables are not what was written");
        if (BinaryPrimitives.ReadUInt128BigEndian(head.AsSpan(8)) != log.Value) throw Damaged(name, "it is of another log");
        return new FramePackReader(name, head, frames);
    }

    /// <summary>The bytes of one frame; the caller proves them. Null where the file has no frame in that place.</summary>
    /// <exception cref="PackDamagedException">The block that holds it is damaged.</exception>
    public async ValueTask<byte[]?> ReadAsync(Stream from, long chunk, int offset, CancellationToken cancellation)
    {
        if (Find(chunk, offset) is not { } found) return null;
        // The frames of one episode after another lie in the same block.
        if (last.Plain is null || last.Block != found.Block) last = (found.Block, await BlockAsync(from, found.Block, cancellation));
        return last.Plain.AsSpan(found.At, found.Length).ToArray();
    }

    /// <summary>All frames in log order. A frame's bytes are valid until the next one is asked for.</summary>
    /// <exception cref="PackDamagedException">A block is damaged.</exception>
    public async IAsyncEnumerable<(long Chunk, int Offset, ReadOnlyMemory<byte> Frame)> AllAsync(Stream from, [EnumeratorCancellation] CancellationToken cancellation)
    {
        var block = -1;
        byte[] plain = [];
        for (var i = 0; i < frames; i++)
        {
            var (chunk, offset, length, of, at) = Entry(i);
            if (of != block) (block, plain) = (of, await BlockAsync(from, of, cancellation));
            yield return (chunk, offset, plain.AsMemory(at, length));
        }
    }

    private async ValueTask<byte[]> BlockAsync(Stream from, int block, CancellationToken cancellation)
    {
        var table = FramePackFormat.HeadSize + (frames * FramePackFormat.FrameSize) + (block * FramePackFormat.BlockSize);
        var compressed = new byte[BinaryPrimitives.ReadInt32LittleEndian(head.AsSpan(table + 8))];
        var plain = new byte[BinaryPrimitives.ReadInt32LittleEndian(head.AsSpan(table + 12))];
        from.Seek(BinaryPrimitives.ReadInt64LittleEndian(head.AsSpan(table)), SeekOrigin.Begin);
        try
        {
            await from.ReadExactlyAsync(compressed, cancellation);
            using var decompressor = new Decompressor();
            return decompressor.Unwrap(compressed, plain) == plain.Length ? plain : throw Damaged(name, $"block {block} has another length");
        }
        catch (Exception damage) when (damage is ZstdException or EndOfStreamException)
        {
            throw Damaged(name, $"block {block}: {damage.Message}");
        }
    }

    private (int Length, int Block, int At)? Find(long chunk, int offset)
    {
        int low = 0, high = frames - 1;
        while (low <= high)
        {
            var middle = (low + high) / 2;
            var entry = Entry(middle);
            var order = (entry.Chunk, entry.Offset).CompareTo((chunk, offset));
            if (order == 0) return (entry.Length, entry.Block, entry.At);
            if (order < 0) low = middle + 1;
            else high = middle - 1;
        }

        return null;
    }

    private (long Chunk, int Offset, int Length, int Block, int At) Entry(int i)
    {
        var entry = head.AsSpan(FramePackFormat.HeadSize + (i * FramePackFormat.FrameSize));
        return (BinaryPrimitives.ReadInt64LittleEndian(entry), BinaryPrimitives.ReadInt32LittleEndian(entry[8..]), BinaryPrimitives.ReadInt32LittleEndian(entry[12..]),
            BinaryPrimitives.ReadInt32LittleEndian(entry[16..]), BinaryPrimitives.ReadInt32LittleEndian(entry[20..]));
    }

    private static PackDamagedException Damaged(string name, string how) => new(name, null, how);
}
