namespace Rollbook.Embedded;

/// <summary>Where the embedded database lies, and how it commits.</summary>
public sealed class SqliteDatabaseOptions
{
    /// <summary>The name of the database's file within <see cref="Directory"/>.</summary>
    public const string FileName = "rollbook.db";

    /// <summary>The data directory. It must exist, and its lock must be held by this process.</summary>
    public required string Directory { get; init; }

    /// <summary>The most calls that share one COMMIT.</summary>
    public int MaxCallsPerCommit { get; init; } = 1024;

    /// <summary>The most bytes of values that share one COMMIT, unless a single call alone has more. They stay in memory until then.</summary>
    public long MaxBytesPerCommit { get; init; } = 4 << 20;

    /// <summary>The most calls that wait for their turn; a further one waits before it is queued.</summary>
    public int MaxWaiting { get; init; } = 8192;

    /// <summary>Calls after which the write-ahead file's pages are copied into the database, so that the file is reused from its start.</summary>
    public int CallsPerCheckpoint { get; init; } = 4096;

    /// <summary>The most read connections that are open at once.</summary>
    public int MaxReaders { get; init; } = 4;

    /// <summary>Whole seconds that a call waits for a lock which another program (such as a database shell) holds on the file.</summary>
    public int LockTimeoutSeconds { get; init; } = 5;

    /// <summary>The database's whole path.</summary>
    public string FilePath => Path.Combine(Directory, FileName);

    /// <summary>Refuses values that can't work.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A value is below 1.</exception>
    internal void Validate()
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(MaxCallsPerCommit, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(MaxBytesPerCommit, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(MaxWaiting, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(CallsPerCheckpoint, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(MaxReaders, 1);
        // 0 would wait for ever.
        ArgumentOutOfRangeException.ThrowIfLessThan(LockTimeoutSeconds, 1);
    }
}
