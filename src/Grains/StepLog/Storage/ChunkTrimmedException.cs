namespace Rollbook.StepLog;

/// <summary>A chunk below a known end is gone, since it was packed and freed: read the manifest again.</summary>
public sealed class ChunkTrimmedException(LogId log, long number) : IOException($"Chunk {number} of the log {log} was freed: read it from the packs.")
{
    /// <summary>The chunk.</summary>
    public long Number => number;
}
