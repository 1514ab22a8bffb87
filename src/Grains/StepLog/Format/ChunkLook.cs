namespace Rollbook.StepLog;

/// <summary>What stands at a place where a chunk may start.</summary>
public enum ChunkLook
{
    /// <summary>No chunk's header.</summary>
    None,

    /// <summary>A header that this release reads.</summary>
    Chunk,

    /// <summary>A header of another release's format: never damage, the log is left for a newer silo.</summary>
    OtherVersion,
}
