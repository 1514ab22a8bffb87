namespace Rollbook.StepLog;

/// <summary>
/// Where a chunk stands in its log. Numbers and offsets are given by the log, not by the device: both follow from the lengths of
/// the chunks before it, so every device agrees on them.
/// </summary>
/// <param name="Number">The chunk's number in the log, 0-based, gap-free.</param>
/// <param name="Segment">The segment, 0-based; chunk numbers go on across segments.</param>
/// <param name="Offset">Bytes from the segment's start to the chunk's, a multiple of 512.</param>
public readonly record struct ChunkAddress(long Number, int Segment, long Offset);
