namespace Rollbook.Query;

/// <summary>The columns of an episode's row, in the archive's files and everywhere behind them.</summary>
internal static class EpisodeColumns
{
    /// <summary>Name and type of each, in order. The last four tell which of two rows is the newer.</summary>
    public static readonly IReadOnlyList<(string Name, string Type)> All =
    [
        ("episode_id", "VARCHAR"), ("worker", "VARCHAR"), ("task", "VARCHAR"), ("variant_id", "VARCHAR"), ("start_time", "DOUBLE"), ("end_time", "DOUBLE"),
        ("status", "VARCHAR"), ("end_cause", "VARCHAR"), ("reported_score", "DOUBLE"), ("final_score", "DOUBLE"), ("total_steps", "BIGINT"), ("step_count", "BIGINT"),
        ("metadata", "VARCHAR"), ("initial_observation", "VARCHAR"), ("group_id", "VARCHAR"), ("attempt", "INTEGER"), ("seed", "BIGINT"), ("policy_version", "VARCHAR"),
        ("environment", "VARCHAR"), ("parent_episode_id", "VARCHAR"), ("deadline_seconds", "DOUBLE"), ("labels", "VARCHAR[]"), ("score_count", "INTEGER"),
        ("errors", "BIGINT"), ("flagged", "BIGINT"), ("reward_sum", "DOUBLE"), ("cumulative_reward", "DOUBLE"), ("last_pass_rate", "DOUBLE"),
        ("last_received_at", "BIGINT"), ("term", "BIGINT"), ("log", "VARCHAR"), ("chunk", "BIGINT"), ("place", "INTEGER"),
    ];

    /// <summary>Those whose values can be as large as a caller likes: they stay in the files until a page needs them.</summary>
    private static readonly HashSet<string> Wide = ["metadata", "initial_observation"];

    /// <summary>All of them.</summary>
    public static readonly string Names = string.Join(", ", All.Select(column => column.Name));

    /// <summary>All but the wide ones.</summary>
    public static readonly string Narrow = string.Join(", ", All.Where(column => !Wide.Contains(column.Name)).Select(column => column.Name));

    /// <summary>All, with casts from whatever integer width a file has.</summary>
    public static readonly string NarrowCast = string.Join(", ", All.Where(column => !Wide.Contains(column.Name)).Select(Cast));

    /// <summary>Definitions of all but the wide ones. Ids are all different: compressed they would be only slower.</summary>
    public static readonly string NarrowDefinitions = string.Join(
        ", ", All.Where(column => !Wide.Contains(column.Name)).Select(column => $"{column.Name} {column.Type}{(column.Name == "episode_id" ? " USING COMPRESSION uncompressed" : "")}"));

    /// <summary>Definitions of all.</summary>
    public static readonly string Definitions = string.Join(", ", All.Select(column => $"{column.Name} {column.Type}"));

    /// <summary>All, with casts.</summary>
    public static readonly string NamesCast = string.Join(", ", All.Select(Cast));

    private static string Cast((string Name, string Type) column) => $"CAST({column.Name} AS {column.Type}) AS {column.Name}";
}
