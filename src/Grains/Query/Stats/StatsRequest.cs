using System.Globalization;

namespace Rollbook.Query;

/// <summary>Which statistics.</summary>
internal sealed record StatsRequest
{
    /// <summary>The field of the day on which an episode began.</summary>
    public const string Day = "day";

    /// <summary>What can be grouped by, and its expression: a text, and for <see cref="Day"/> a number.</summary>
    public static readonly IReadOnlyDictionary<string, string> Fields = new Dictionary<string, string>
    {
        ["task"] = "task",
        ["variant_id"] = "variant_id",
        ["worker"] = "worker",
        ["group_id"] = "group_id",
        ["policy_version"] = "policy_version",
        ["environment"] = "environment",
        ["status"] = "status",
        // Days since 1970, whose names cost more than all else. A caller's time may lie outside of the calendar: such episodes have no day.
        [Day] = "CASE WHEN start_time BETWEEN -62135596800 AND 253402300799 THEN floor(start_time / 86400)::INTEGER END",
    };

    private static readonly int FirstDay = new DateOnly(1970, 1, 1).DayNumber;

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

    /// <summary>The name of a day.</summary>
    /// <param name="day">Days since 1970, in UTC.</param>
    public static string DayName(int day) => DateOnly.FromDayNumber(FirstDay + day).ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);
}
