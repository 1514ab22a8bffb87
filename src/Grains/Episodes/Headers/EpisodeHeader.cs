using Rollbook.StepLog;

namespace Rollbook.Episodes;

/// <summary>
/// Who may write an episode: the newest term and the log that has it. One row an episode, changed only by compare-and-swap, never cleared.
/// </summary>
public sealed record EpisodeHeader
{
    /// <summary>The episode.</summary>
    public required EpisodeKey Key { get; init; }

    /// <summary>The newest term, from 1.</summary>
    public required long Term { get; init; }

    /// <summary>The log of that term.</summary>
    public required LogId Owner { get; init; }

    /// <summary>All terms with their logs, in term order. A frame counts only when its (term, log) stands here.</summary>
    public required IReadOnlyList<Extent> Extents { get; init; }

    /// <summary>Whether it may be claimed.</summary>
    public HeaderState State { get; init; }

    /// <summary>Minted for each write, so that a writer whose answer was lost can tell its own write from another's.</summary>
    public required string Nonce { get; init; }

    /// <summary>Random, new with every change; null for a header that is not stored yet.</summary>
    public string? ETag { get; init; }
}
