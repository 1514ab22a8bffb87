namespace Rollbook.Query;

/// <summary>An order of a list: by a key, then by the id, so that no two rows are alike.</summary>
/// <param name="Name">In the API: <c>start_time</c>, or <c>-start_time</c> for the greatest first.</param>
/// <param name="Key">The expression, a DOUBLE; rows without one come last either way.</param>
/// <param name="Descending">Greatest first.</param>
internal sealed record ListOrder(string Name, string Key, bool Descending)
{
    // A score that is no number is neither the best nor the worst.
    private static readonly (string Name, string Key)[] EpisodeKeys =
    [
        ("start_time", "start_time"), ("end_time", "end_time"), ("score", "CASE WHEN isnan(final_score) THEN NULL ELSE final_score END"),
        ("steps", "CAST(step_count AS DOUBLE)"), ("duration", "end_time - start_time"), ("episode_id", "0::DOUBLE"),
    ];

    private static readonly (string Name, string Key)[] WorkerKeys =
        [("last_seen", "last_seen"), ("episodes", "CAST(episodes AS DOUBLE)"), ("running", "CAST(running AS DOUBLE)"), ("worker", "0::DOUBLE")];

    /// <summary>The orders of episodes.</summary>
    public static readonly IReadOnlyList<ListOrder> Episodes = Both(EpisodeKeys);

    /// <summary>The orders of workers.</summary>
    public static readonly IReadOnlyList<ListOrder> Workers = Both(WorkerKeys);

    private string Direction => Descending ? "DESC" : "ASC";

    /// <summary>The ORDER BY, where the key's column is named <c>key</c>.</summary>
    public string By(string id) => $"ORDER BY key {Direction} NULLS LAST, {id} {Direction}";

    /// <summary>Adds the condition that a row comes after the last one seen, beginning with AND.</summary>
    public void AddAfter(SqlText sql, string id, ListCursor after)
    {
        var than = Descending ? "<" : ">";
        if (after.Key is not { } key)
        {
            sql.Add($" AND ({Key}) IS NULL AND {id} {than} ").Value(after.Id);
            return;
        }

        sql.Add($" AND (({Key}) {than} ").Value(key).Add($" OR (({Key}) = ").Value(key).Add($" AND {id} {than} ").Value(after.Id).Add($") OR ({Key}) IS NULL)");
    }

    private static List<ListOrder> Both((string Name, string Key)[] keys) =>
        [.. keys.SelectMany(key => new[] { new ListOrder(key.Name, key.Key, false), new ListOrder("-" + key.Name, key.Key, true) })];
}
