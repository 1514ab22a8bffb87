namespace Rollbook.StepLog;

/// <summary>The head of a chunk, as it stands on disk. See <see cref="ChunkCodec"/> for the layout.</summary>
/// <param name="Log">The log that wrote it.</param>
/// <param name="Address">Number, segment, and offset in the segment.</param>
/// <param name="PreviousCrc">The CRC of the chunk before it; 0 for the first of the log.</param>
/// <param name="FrameCount">How many frames it holds.</param>
/// <param name="FrameBytes">The frames' length in bytes.</param>
/// <param name="Crc">CRC-32C of the chunk.</param>
public readonly record struct ChunkHeader(
    LogId Log, ChunkAddress Address, uint PreviousCrc, int FrameCount, int FrameBytes, uint Crc);
