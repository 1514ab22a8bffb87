namespace Rollbook.Query;

/// <summary>Which episodes. Everything that is given must hold; of several values of one field, one must.</summary>
internal sealed record EpisodeFilter
{
    /// <summary>The fields of text that can be asked for: parameter and column alike.</summary>
    public static readonly IReadOnlyList<string> TextFields = ["task", "variant_id", "worker", "group_id", "policy_version", "environment", "status"];

    /// <summary>Wanted values by field; fields are of <see cref="TextFields"/>.</summary>
    public IReadOnlyDictionary<string, IReadOnlyList<string>> Texts { get; init; } = new Dictionary<string, IReadOnlyList<string>>();

    /// <summary>Labels that must all be set.</summary>
    public IReadOnlyList<string> Labels { get; init; } = [];

    /// <summary>The least final score; unscored episodes and those that aren't a number are left out.</summary>
    public double? MinScore { get; init; }

    /// <summary>The greatest final score; unscored episodes and those that aren't a number are left out.</summary>
    public double? MaxScore { get; init; }

    /// <summary>Unix seconds: began then or later.</summary>
    public double? Since { get; init; }

    /// <summary>Unix seconds: began before.</summary>
    public double? Until { get; init; }

    /// <summary>Adds the conditions, each beginning with AND.</summary>
    /// <exception cref="ArgumentException">A field is not of <see cref="TextFields"/>.</exception>
    public void AddTo(SqlText sql)
    {
        foreach (var (field, values) in Texts)
        {
            if (!TextFields.Contains(field)) throw new ArgumentException($"'{field}' is not a field to filter by.");
            if (values.Count > 0) sql.Add($" AND {field} IN (").List(values).Add(")");
        }

        foreach (var label in Labels) sql.Add(" AND list_contains(labels, ").Value(label).Add(")");
        if (MinScore is { } least) sql.Add(" AND final_score >= ").Value(least);
        if (MaxScore is { } most) sql.Add(" AND final_score <= ").Value(most);
        if (MinScore is not null || MaxScore is not null) sql.Add(" AND NOT isnan(final_score)");
        if (Since is { } since) sql.Add(" AND start_time >= ").Value(since);
        if (Until is { } until) sql.Add(" AND start_time < ").Value(until);
    }
}
