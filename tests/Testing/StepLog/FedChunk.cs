using Rollbook.StepLog;

namespace Rollbook.Testing;

/// <summary>A chunk of a <see cref="ChunkFeed"/>.</summary>
/// <param name="At">Its place.</param>
/// <param name="Bytes">Header, frames and padding.</param>
/// <param name="FrameBytes">Length of the frames.</param>
public sealed record FedChunk(ChunkAddress At, byte[] Bytes, int FrameBytes)
{
    /// <summary>The frames alone.</summary>
    public ReadOnlySpan<byte> Frames => Bytes.AsSpan(ChunkCodec.HeaderSize, FrameBytes);
}
