using Rollbook.StepLog;

namespace Rollbook.Episodes;

/// <summary>A durable frame does not prove itself any more: its bytes were damaged on the device. Nothing of it is served.</summary>
public sealed class FrameDamagedException(EpisodeKey key, IndexEntry entry) : IOException(
    $"A frame of {key} at ordinal {entry.Ordinal} is damaged (chunk {entry.Chunk.Number}, segment {entry.Chunk.Segment}, byte {entry.Chunk.Offset + entry.Offset}). Run 'rollbook verify' on the data directory.");
