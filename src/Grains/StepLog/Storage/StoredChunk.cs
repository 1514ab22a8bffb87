namespace Rollbook.StepLog;

/// <summary>A chunk as a device gave it back, proved by its CRC.</summary>
/// <param name="Header">Its header.</param>
/// <param name="Frames">Its frames, without header and padding.</param>
public readonly record struct StoredChunk(ChunkHeader Header, ReadOnlyMemory<byte> Frames);
