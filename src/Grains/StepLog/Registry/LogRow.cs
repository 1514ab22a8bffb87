namespace Rollbook.StepLog;

/// <summary>One log's row in the registry. Rows are never deleted: the registry, not the membership table, says which logs need recovery.</summary>
public sealed record LogRow
{
    /// <summary>The log.</summary>
    public required LogId Log { get; init; }

    /// <summary>Where its silo listened, for people and for release calls; never an identity.</summary>
    public required string Address { get; init; }

    /// <summary>The silo's generation.</summary>
    public required long Generation { get; init; }

    /// <summary>The host's boot id.</summary>
    public required string BootId { get; init; }

    /// <summary>The process id on that host.</summary>
    public required int ProcessId { get; init; }

    /// <summary>Unix milliseconds at which the row was inserted, for people.</summary>
    public required long CreatedAt { get; init; }

    /// <summary>How far the log has come in its life.</summary>
    public LogState State { get; init; }

    /// <summary>The fence, once <see cref="State"/> is Fenced or later.</summary>
    public long? Fence { get; init; }

    /// <summary>Chunks below this number may be freed. Moved before they are, and only while Open (by others than recovery).</summary>
    public long TrimmedTo { get; init; }

    /// <summary>Recovery tries that failed.</summary>
    public int Failures { get; init; }

    /// <summary>The chunk that recovery set aside after three failures; null = none.</summary>
    public long? Quarantined { get; init; }

    /// <summary>
    /// The log of the silo that reads this one for all others once it is fenced; null = nobody yet. A registry that is one process's own has none to tell, and may drop it.
    /// </summary>
    public LogId? Reader { get; init; }

    /// <summary>Random, new with every change; null for a row that is not stored yet.</summary>
    public string? ETag { get; init; }
}
