using System.ComponentModel.DataAnnotations;

namespace Rollbook.Azure;

/// <summary>The containers in the storage account and the files that are kept of them here, under <c>Rollbook:Azure:Blobs</c>.</summary>
public sealed class AzureBlobOptions
{
    /// <summary>The section of the configuration.</summary>
    public const string Section = "Rollbook:Azure:Blobs";

    private const string ContainerPattern = "^[a-z0-9](?!.*--)[a-z0-9-]{1,61}[a-z0-9]$";

    /// <summary>The container of the step log: 3 to 63 lower-case letters, digits and single dashes.</summary>
    [RegularExpression(ContainerPattern, ErrorMessage = "Rollbook:Azure:Blobs:LogContainer must be 3 to 63 lower-case letters, digits and single dashes.")]
    public string LogContainer { get; set; } = "rollbook-log";

    /// <summary>The container of the archive; another one than the log's, so that each has its own access and life cycle.</summary>
    [RegularExpression(ContainerPattern, ErrorMessage = "Rollbook:Azure:Blobs:ArchiveContainer must be 3 to 63 lower-case letters, digits and single dashes.")]
    public string ArchiveContainer { get; set; } = "rollbook-archive";

    /// <summary>Makes the containers that are missing, at the start. False where another hand makes them; then a missing one fails the start.</summary>
    public bool CreateContainers { get; set; } = true;

    /// <summary>The directory in which files of the archive are kept for queries. Of a local disk; several silos may share it. Default: below the system's temporary directory.</summary>
    public string CacheDirectory { get; set; } = Path.Combine(Path.GetTempPath(), "rollbook-cache");

    /// <summary>
    /// Bytes of files that are kept at most, the last used ones. Files of a running query stay beyond it. 64 MiB to 16 TiB; default 8 GiB.
    /// </summary>
    [Range(64L << 20, 16L << 40, ErrorMessage = "Rollbook:Azure:Blobs:CacheBytes must be 67108864 to 17592186044416 (64 MiB to 16 TiB).")]
    public long CacheBytes { get; set; } = 8L << 30;
}
