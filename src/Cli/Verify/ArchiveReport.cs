namespace Rollbook.Cli;

/// <summary>What the archive of one project came to, or the indexes of freed logs.</summary>
internal sealed record ArchiveReport
{
    /// <summary>The project; null for what belongs to none: the indexes of the logs.</summary>
    public required string? Project { get; init; }

    /// <summary>Which state of the manifest was looked at; 0 where there is none.</summary>
    public long Version { get; init; }

    /// <summary>Packs that count.</summary>
    public int Packs { get; init; }

    /// <summary>Files that were looked at.</summary>
    public int Files { get; init; }

    /// <summary>Their bytes.</summary>
    public long Bytes { get; init; }

    /// <summary>Rows of steps.</summary>
    public long Steps { get; init; }

    /// <summary>What is wrong.</summary>
    public IReadOnlyList<ArchiveFault> Faults { get; init; } = [];

    public bool IsGood => Faults.Count == 0;
}
