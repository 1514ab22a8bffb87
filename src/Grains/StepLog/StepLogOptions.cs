using System.ComponentModel.DataAnnotations;

namespace Rollbook.StepLog;

/// <summary>How the write-ahead log of a silo commits.</summary>
public sealed class StepLogOptions
{
    /// <summary>Bytes after which a segment is closed. 1 MiB to 1 GiB; default 64 MiB.</summary>
    [Range(1 << 20, 1 << 30, ErrorMessage = "StepLog:SegmentBytes must be 1048576 to 1073741824 (1 MiB to 1 GiB).")]
    public int SegmentBytes { get; set; } = 64 << 20;

    /// <summary>
    /// Chunks after which a segment is closed too: recovery reads two segments, and from an object store it fetches each chunk by itself. 16 to 1,000,000; default none for a local
    /// disk, and 2,048 for an object store.
    /// </summary>
    [Range(16, 1_000_000, ErrorMessage = "StepLog:SegmentChunks must be 16 to 1000000.")]
    public int? SegmentChunks { get; set; }

    /// <summary>Bytes after which waiting frames go into the next chunk. 4 KiB to 4 MiB; default 1 MiB: 4 MiB raises p99 and gains nothing.</summary>
    [Range(4 << 10, 4 << 20, ErrorMessage = "StepLog:ChunkBytes must be 4096 to 4194304 (4 KiB to 4 MiB).")]
    public int ChunkBytes { get; set; } = 1 << 20;

    /// <summary>Bytes that may wait for their commit before appends are refused as busy. 1 MiB to 4 GiB; default 128 MiB: a thousand episodes that send 64 steps each have 77 MB waiting.</summary>
    [Range(1 << 20, 4L << 30, ErrorMessage = "StepLog:MaxBytesInFlight must be 1048576 to 4294967296 (1 MiB to 4 GiB).")]
    public long MaxBytesInFlight { get; set; } = 128 << 20;

    /// <summary>
    /// Milliseconds between two chunks at least, unless one is full: a store that costs per write gets all that came meanwhile in one. What comes after a longer silence goes at
    /// once, and nothing is written when nothing comes. 0 to 1000; default 0 for a local disk, where the next flush begins when the last one ends, and 50 for an object store.
    /// </summary>
    [Range(0, 1000, ErrorMessage = "StepLog:CommitMilliseconds must be 0 to 1000.")]
    public int? CommitMilliseconds { get; set; }
}
