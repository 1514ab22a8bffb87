using System.ComponentModel.DataAnnotations;

namespace Rollbook.StepLog;

/// <summary>Where and how the step log lies on this machine's disk.</summary>
public sealed class LocalStepLogOptions
{
    /// <summary>The data directory. It must lie on a local disk: see <see cref="AllowUnsafeFileSystem"/>.</summary>
    [Required(ErrorMessage = "DataDirectory is missing: name a directory on a local disk (--data DIR or ROLLBOOK_DATA).")]
    public string DataDirectory { get; set; } = "";

    /// <summary>
    /// Length of a segment file that is prepared ahead, in bytes: 64 MiB. A segment that is asked for with more gets more.
    /// </summary>
    [Range(4096L, 1L << 30, ErrorMessage = "SegmentBytes must lie between 4 KiB and 1 GiB.")]
    public long SegmentBytes { get; set; } = 64L << 20;

    /// <summary>Bytes of the disk that are never taken; null is the smaller of 512 MiB and 2 % of the disk, 0 is none.</summary>
    [Range(0L, long.MaxValue, ErrorMessage = "DiskReserveBytes must not be negative.")]
    public long? DiskReserveBytes { get; set; }

    /// <summary>How many freed segment files are kept to be written again, which spares the file system's journal.</summary>
    [Range(0, 1024, ErrorMessage = "SpareSegments must lie between 0 and 1024.")]
    public int SpareSegments { get; set; } = 4;

    /// <summary>
    /// Takes a network, overlay or memory file system nevertheless. Then an acknowledged step may be lost: such file systems do not
    /// promise what fsync promises.
    /// </summary>
    public bool AllowUnsafeFileSystem { get; set; }
}
