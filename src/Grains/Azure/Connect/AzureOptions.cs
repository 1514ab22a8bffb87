using System.ComponentModel.DataAnnotations;

namespace Rollbook.Azure;

/// <summary>
/// The storage account that a cluster shares, under <c>Rollbook:Azure</c>. Exactly one of a connection string, an account that is reached with the identity of the process, and the
/// emulator.
/// </summary>
public sealed class AzureOptions
{
    /// <summary>The section of the configuration.</summary>
    public const string Section = "Rollbook:Azure";

    /// <summary>A connection string with the account's key or a shared access signature. Prefer an identity: a key opens the whole account.</summary>
    public string? ConnectionString { get; set; }

    /// <summary>The account's name, 3 to 24 lower-case letters and digits; reached in the public cloud with the identity that the process has.</summary>
    public string? AccountName { get; set; }

    /// <summary>The address of the account's tables where it is not <c>https://ACCOUNT.table.core.windows.net</c>; reached with the identity that the process has.</summary>
    public Uri? TableServiceUri { get; set; }

    /// <summary>The address of the account's blobs where it is not <c>https://ACCOUNT.blob.core.windows.net</c>; reached with the identity that the process has.</summary>
    public Uri? BlobServiceUri { get; set; }

    /// <summary>The client id of a user-assigned managed identity; null = what <c>DefaultAzureCredential</c> finds.</summary>
    public string? ManagedIdentityClientId { get; set; }

    /// <summary>Azurite on this machine, at its default ports. For trying things out: it loses what it has when it dies.</summary>
    public bool UseEmulator { get; set; }

    /// <summary>Makes the tables that are missing, at the start. False where another hand makes them; then a missing one fails the start.</summary>
    public bool CreateTables { get; set; } = true;

    /// <summary>Seconds after which a call without an answer counts as failed, its outcome unknown. 1 to 100; default 10.</summary>
    [Range(1, 100, ErrorMessage = "Rollbook:Azure:TimeoutSeconds must be 1 to 100 seconds.")]
    public int TimeoutSeconds { get; set; } = 10;

    /// <summary>The table of the silos; default the one of Orleans' own provider.</summary>
    public string MembershipTable { get; set; } = "OrleansSiloInstances";

    /// <summary>The table of the grains' state; default the one of Orleans' own provider.</summary>
    public string GrainStateTable { get; set; } = "OrleansGrainState";

    /// <summary>The table of the episodes' headers.</summary>
    public string HeaderTable { get; set; } = "RollbookHeaders";

    /// <summary>The table of the registry of logs.</summary>
    public string LogTable { get; set; } = "RollbookLogs";

    /// <summary>All names of tables, each with its key.</summary>
    internal IEnumerable<(string Key, string Name)> Tables =>
    [
        (nameof(MembershipTable), MembershipTable), (nameof(GrainStateTable), GrainStateTable), (nameof(HeaderTable), HeaderTable), (nameof(LogTable), LogTable),
    ];
}
