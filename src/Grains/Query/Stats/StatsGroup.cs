namespace Rollbook.Query;

/// <summary>The statistics of one group. A number is null where nothing was measured.</summary>
internal sealed class StatsGroup
{
    /// <summary>The values that its episodes share, in the order of the request.</summary>
    public required IReadOnlyList<string?> Keys { get; init; }

    /// <summary>Episodes.</summary>
    public required long Count { get; init; }

    /// <summary>Episodes by status, in the order of <see cref="EpisodeStatuses.Names"/>.</summary>
    public required IReadOnlyList<long> ByStatus { get; init; }

    /// <summary>Episodes with a score.</summary>
    public required long Scored { get; init; }

    /// <summary>Scores that are no finite number: they are in no mean.</summary>
    public required long NotFinite { get; init; }

    /// <summary>Final scores.</summary>
    public required Spread Score { get; init; }

    /// <summary>Steps an episode.</summary>
    public required Spread Steps { get; init; }

    /// <summary>Seconds from start to end, of ended episodes.</summary>
    public required Spread Duration { get; init; }

    /// <summary>Episodes that have a duration.</summary>
    public required long Timed { get; init; }

    /// <summary>Steps of all episodes.</summary>
    public required long TotalSteps { get; init; }

    /// <summary>Steps with an error.</summary>
    public required long Errors { get; init; }

    /// <summary>Episodes with an error.</summary>
    public required long EpisodesWithErrors { get; init; }

    /// <summary>Steps with a security flag.</summary>
    public required long Flagged { get; init; }

    /// <summary>Episodes with a security flag.</summary>
    public required long EpisodesFlagged { get; init; }

    /// <summary>Episodes whose score reaches the threshold.</summary>
    public required long Successes { get; init; }

    /// <summary>Groups of siblings with at least two scored attempts.</summary>
    public long Groups { get; set; }

    /// <summary>Those whose attempts all have the same score: they teach nothing.</summary>
    public long ZeroVariance { get; set; }

    /// <summary>Pass@k, in the order of the request: the mean over units with enough attempts, and how many those are.</summary>
    public IReadOnlyList<(int K, double? Value, long Units)> PassAtK { get; set; } = [];
}
