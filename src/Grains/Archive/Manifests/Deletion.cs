using System.Collections.Immutable;
using Rollbook.StepLog;

namespace Rollbook.Archive;

/// <summary>
/// Episodes that were deleted with one request, for as long as a file may hold something of them. They count nowhere from the moment it is listed; then their headers are
/// moved, then their records are dropped from the packs, and in the end the files that had them are deleted.
/// </summary>
public sealed record Deletion
{
    /// <summary>What the caller got, and may ask by.</summary>
    public required LogId Receipt { get; init; }

    /// <summary>When it was asked for, Unix milliseconds.</summary>
    public required long At { get; init; }

    /// <summary>The episodes.</summary>
    public required ImmutableSortedSet<EpisodeId> Episodes { get; init; }

    /// <summary>How many steps they had.</summary>
    public required long Steps { get; init; }

    /// <summary>About how many bytes of files they are.</summary>
    public required long Bytes { get; init; }

    /// <summary>Whether every header says so: until then an episode may turn out to be one that stays.</summary>
    public bool Moved { get; init; }

    /// <summary>The dropped files that may hold something still, once no listed one does; null = listed ones may.</summary>
    public ImmutableList<string>? Awaits { get; init; }
}
