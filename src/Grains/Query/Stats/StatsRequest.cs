namespace Rollbook.Query;

/// <summary>Which statistics.</summary>
internal sealed record StatsRequest
{
    /// <summary>What can be grouped by, and its expression.</summary>
    public static readonly IReadOnlyDictionary<string, string> Fields = new Dictionary<string, string>
    {
        ["task"] = "task",
        ["variant_id"] = "variant_id",
        ["worker"] = "worker",
        ["group_id"] = "group_id",
        ["policy_version"] = "policy_version",
        ["environment"] = "environment",
        ["status"] = "status",
        // A caller's time may lie outside of the calendar: such episodes have no day.
        ["day"] = "CASE WHEN start_time BETWEEN -62135596800 AND 253402300799 THEN strftime(make_timestamp(CAST(start_time * 1e6 AS BIGINT)), '%Y-%m-%d') END",
    };

    /// <summary>The most groups of an answer; smaller ones are left out, and the answer says so.</summary>
    public const int MaxGroups = 10_000;

    /// <summary>Names of <see cref="Fields"/>; empty = one group of all.</summary>
    public IReadOnlyList<string> GroupBy { get; init; } = [];

    /// <summary>The k of pass@k.</summary>
    public IReadOnlyList<int> Ks { get; init; } = [];

    /// <summary>The final score from which on an episode counts as a success.</summary>
    public double Threshold { get; init; } = 1;

    /// <summary>Whether pass@k takes all attempts at a task together; otherwise those of each group, and of each task for episodes without one.</summary>
    public bool OverTasks { get; init; }

    /// <summary>Which episodes.</summary>
    public EpisodeFilter Filter { get; init; } = new();
}
