using System.Buffers;
using System.Buffers.Binary;
using Rollbook.StepLog;
using ZstdSharp;

namespace Rollbook.Archive;

/// <summary>Collects frames in log order and writes them as one file. See <see cref="FramePackFormat"/>.</summary>
internal sealed class FramePackWriter(LogId log)
{
    // Small enough that one frame costs little to read, large enough that endings of siblings compress each other.
    private const int BlockBytes = 128 << 10;
    private const int Level = 3;

    private readonly ArrayBufferWriter<byte> block = new(BlockBytes);
    private readonly List<byte[]> blocks = [];
    private readonly List<int> blockLengths = [];
    private readonly List<(long Chunk, int Offset, int Length, int Block, int At)> frames = [];

    /// <summary>Frames collected.</summary>
    public int Count => frames.Count;

    /// <summary>Adds a frame, which is copied.</summary>
    public void Add(long chunk, int offset, ReadOnlySpan<byte> frame)
    {
        if (block.WrittenCount > 0 && block.WrittenCount + frame.Length > BlockBytes) CloseBlock();
        frames.Add((chunk, offset, frame.Length, blocks.Count, block.WrittenCount));
        block.Write(frame);
    }

    /// <summary>Writes the file.</summary>
    public async Task WriteAsync(Stream to, CancellationToken cancellation)
    {
        if (block.WrittenCount > 0) CloseBlock();
        await to.WriteAsync(Head(), cancellation);
        foreach (var bytes in blocks) await to.WriteAsync(bytes, cancellation);
    }

    private void CloseBlock()
    {
        using var compressor = new Compressor(Level);
        blocks.Add(compressor.Wrap(block.WrittenSpan).ToArray());
        blockLengths.Add(block.WrittenCount);
        block.ResetWrittenCount();
    }

    private byte[] Head()
    {
        var head = new byte[FramePackFormat.HeadSize + (frames.Count * FramePackFormat.FrameSize) + (blocks.Count * FramePackFormat.BlockSize) + 4];
        FramePackFormat.Magic.CopyTo(head);
        BinaryPrimitives.WriteUInt128BigEndian(head.AsSpan(8), log.Value);
        BinaryPrimitives.WriteInt32LittleEndian(head.AsSpan(24), frames.Count);
        BinaryPrimitives.WriteInt32LittleEndian(head.AsSpan(28), blocks.Count);
        var at = head.AsSpan(FramePackFormat.HeadSize);
        foreach (var frame in frames)
        {
            BinaryPrimitives.WriteInt64LittleEndian(at, frame.Chunk);
            BinaryPrimitives.WriteInt32LittleEndian(at[8..], frame.Offset);
            BinaryPrimitives.WriteInt32LittleEndian(at[12..], frame.Length);
            BinaryPrimitives.WriteInt32LittleEndian(at[16..], frame.Block);
            BinaryPrimitives.WriteInt32LittleEndian(at[20..], frame.At);
            at = at[FramePackFormat.FrameSize..];
        }

        long position = head.Length;
        for (var i = 0; i < blocks.Count; i++)
        {
            BinaryPrimitives.WriteInt64LittleEndian(at, position);
            BinaryPrimitives.WriteInt32LittleEndian(at[8..], blocks[i].Length);
            BinaryPrimitives.WriteInt32LittleEndian(at[12..], blockLengths[i]);
            position += blocks[i].Length;
            at = at[FramePackFormat.BlockSize..];
        }

        BinaryPrimitives.WriteUInt32LittleEndian(at, Crc32C.Append(0, head.AsSpan(0, head.Length - 4)));
        return head;
    }
}
