using System.ComponentModel.DataAnnotations;

namespace Rollbook.Archive;

/// <summary>When the write-ahead log becomes packs.</summary>
public sealed class ArchiveOptions : IValidatableObject
{
    /// <summary>Seconds after which what was recorded is packed although it is little. 1 to 3600; default 60.</summary>
    [Range(1, 3600, ErrorMessage = "Archive:PackSeconds must be 1 to 3600 seconds.")]
    public int PackSeconds { get; set; } = 60;

    /// <summary>Bytes of the log after which a pack is made at once, and at most about so many go into one: they are sorted in memory. 1 MiB to 1 GiB; default 64 MiB.</summary>
    [Range(1 << 20, 1 << 30, ErrorMessage = "Archive:PackBytes must be 1048576 to 1073741824 (1 MiB to 1 GiB).")]
    public int PackBytes { get; set; } = 64 << 20;

    /// <summary>
    /// Bytes of the log up to which the archiver lets recording have the processors, where more than two times <see cref="PackBytes"/> wait to be packed and the
    /// processors are short. 0 to 1 TiB; default 2 GiB; 0: it never does.
    /// </summary>
    [Range(0, 1L << 40, ErrorMessage = "Archive:BurstBytes must be 0 to 1099511627776 (1 TiB).")]
    public long BurstBytes { get; set; } = 2L << 30;

    /// <summary>Seconds after which packs are compacted into the folders of the days on which their episodes ended. 1 to 86400; default 600.</summary>
    [Range(1, 86_400, ErrorMessage = "Archive:CompactSeconds must be 1 to 86400 seconds.")]
    public int CompactSeconds { get; set; } = 600;

    /// <summary>
    /// Seconds after its end at which a lost episode is final: until then it may be resumed. 1 second to 30 days; default 86400, a day.
    /// </summary>
    [Range(1, 2_592_000, ErrorMessage = "Archive:LostSeconds must be 1 to 2592000 seconds (30 days).")]
    public int LostSeconds { get; set; } = 86_400;

    /// <summary>Bytes of packs that one compaction reads at most, so that it ends in a bounded time. 1 MiB to 16 GiB; default 256 MiB.</summary>
    [Range(1 << 20, 16L << 30, ErrorMessage = "Archive:CompactBytes must be 1048576 to 17179869184 (1 MiB to 16 GiB).")]
    public long CompactBytes { get; set; } = 256 << 20;

    /// <summary>
    /// Seconds after which deleted episodes are taken out of the files that would not be written anew by themselves: all of one day's deletions at once. 1 second to 30 days;
    /// default 86400, a day.
    /// </summary>
    [Range(1, 2_592_000, ErrorMessage = "Archive:EraseSeconds must be 1 to 2592000 seconds (30 days).")]
    public int EraseSeconds { get; set; } = 86_400;

    /// <summary>Packs of one log that are made one although no episode of them is sealed yet: each query opens them all. 2 to 1000; default 16.</summary>
    [Range(2, 1000, ErrorMessage = "Archive:MergePacks must be 2 to 1000.")]
    public int MergePacks { get; set; } = 16;

    /// <summary>
    /// Whether silos that share an archive publish their packs through one grain per project, which puts those that come together into one write. By default in a cluster: for
    /// one silo it is a detour.
    /// </summary>
    public bool? MergePublishes { get; set; }

    /// <summary>
    /// Which episodes are deleted by themselves, looked at once an hour: those that any rule names. None by default. One with the label <c>pinned</c> is never deleted, and
    /// none that runs.
    /// </summary>
    public IList<RetentionRule> Retention { get; } = [];

    /// <inheritdoc/>
    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext) =>
        Retention.Select(static (rule, index) => rule.Fault(index)).OfType<string>().Select(static fault => new ValidationResult(fault, [nameof(Retention)]));
}
