using System.ComponentModel.DataAnnotations;

namespace Rollbook.Cluster;

/// <summary>How the silos of a cluster treat each other: section <c>Rollbook:Cluster</c>. All times are in seconds.</summary>
public sealed record ClusterOptions
{
    /// <summary>The configuration section.</summary>
    public const string Section = "Rollbook:Cluster";

    /// <summary>How long the log service of another silo may take for a release or for frames: 0.1 to 30.</summary>
    [Range(0.1, 30)]
    public double CallSeconds { get; set; } = 5;

    /// <summary>How long another silo may take to tell a query what it holds; it is named as missing after that: 0.1 to 30.</summary>
    [Range(0.1, 30)]
    public double QuerySeconds { get; set; } = 2;

    /// <summary>After so many seconds of failed releases, and none that was answered, the log of a silo that membership takes for alive is fenced: 1 to 3,600.</summary>
    [Range(1, 3600)]
    public double FenceSilentSeconds { get; set; } = 60;

    /// <summary>How often a silo reads its own registry row, which says whether its log is still its own: 0.1 to 60.</summary>
    [Range(0.1, 60)]
    public double WatchSeconds { get; set; } = 10;

    /// <summary>A silo that had no answer from the registry for so long refuses reads: 1 to 300.</summary>
    [Range(1, 300)]
    public double RefuseReadsSeconds { get; set; } = 30;

    /// <summary>A silo that had no answer from the registry for so long stops itself, though it has nothing to write: 2 to 3,600.</summary>
    [Range(2, 3600)]
    public double LeaveSeconds { get; set; } = 60;

    /// <summary>How long a silo that went away keeps its turn of packing dead logs and of compacting: 1 to 600.</summary>
    [Range(1, 600)]
    public double DutySeconds { get; set; } = 30;

    /// <summary>
    /// How much worse than the best silo the local one may be and still get a new episode, in percent of the placement score: 0 to 100. The higher, the more workers
    /// record without a hop.
    /// </summary>
    [Range(0, 100)]
    public int LocalPreferencePercent { get; set; } = 40;

    /// <summary>Keep the grain directory in the cluster's strongly consistent partitions instead of Orleans' default one.</summary>
    public bool DistributedDirectory { get; set; }
}
