using DuckDB.NET.Data;

namespace Rollbook.Query;

/// <summary>The three views that a statement reads.</summary>
internal static class ArchiveViews
{
    /// <summary>The columns of <c>steps</c>.</summary>
    public static readonly IReadOnlyList<(string Name, string Type)> Steps =
    [
        ("episode_id", "VARCHAR"), ("ordinal", "BIGINT"), ("step_number", "BIGINT"), ("timestamp", "DOUBLE"), ("action_type", "VARCHAR"), ("action_path", "VARCHAR"),
        ("action_query", "VARCHAR"), ("action_content_length", "BIGINT"), ("action_content", "VARCHAR"), ("observation", "VARCHAR"), ("reward", "DOUBLE"),
        ("cumulative_reward", "DOUBLE"), ("done", "BOOLEAN"), ("error", "VARCHAR"), ("file_diff", "VARCHAR"), ("test_pass_rate", "DOUBLE"), ("duration_ms", "DOUBLE"),
        ("security_flags", "VARCHAR[]"), ("thought", "VARCHAR"), ("response", "VARCHAR"), ("agent_id", "VARCHAR"), ("extra", "VARCHAR"), ("received_at", "BIGINT"),
    ];

    /// <summary>The columns of <c>scores</c>.</summary>
    public static readonly IReadOnlyList<(string Name, string Type)> Scores =
    [
        ("episode_id", "VARCHAR"), ("event_id", "VARCHAR"), ("name", "VARCHAR"), ("value", "DOUBLE"), ("source", "VARCHAR"), ("rationale", "VARCHAR"),
        ("metadata", "VARCHAR"), ("time", "DOUBLE"),
    ];

    // Where a log holds a row is no matter of those who ask.
    private static readonly HashSet<string> Hidden = ["term", "log", "chunk", "place"];

    private static readonly List<(string Name, string Type)> Episodes = [.. EpisodeColumns.All.Where(column => !Hidden.Contains(column.Name))];

    /// <summary>Makes them.</summary>
    public static void Create(DuckDBConnection connection, SqlJob job)
    {
        Run(connection, "CREATE SCHEMA held");
        Run(connection, $"CREATE TABLE held.live ({EpisodeColumns.Definitions})");
        using (var appender = connection.CreateAppender(null, "held", "live"))
        {
            foreach (var values in job.Live)
            {
                var row = appender.CreateRow();
                foreach (var value in values) Append(row, value);
                row.EndRow();
            }
        }

        Run(connection, "CREATE TABLE held.replaced (path VARCHAR, episode_id VARCHAR)");
        using (var appender = connection.CreateAppender(null, "held", "replaced"))
        {
            foreach (var (path, id) in job.Replaced) appender.CreateRow().AppendValue(path).AppendValue(id).EndRow();
        }

        Run(connection, "CREATE TABLE held.deleted (episode_id VARCHAR)");
        using (var appender = connection.CreateAppender(null, "held", "deleted"))
        {
            foreach (var id in job.Deleted) appender.CreateRow().AppendValue(id).EndRow();
        }

        Run(connection, $"CREATE VIEW episodes AS {EpisodeView(job)}");
        Run(connection, $"CREATE VIEW steps AS {Kept(job, StepView(job))}");
        Run(connection, $"CREATE VIEW scores AS {(job.Scores.Count == 0 ? Nothing(Scores) : Kept(job, $"SELECT {Cast(Scores)} FROM {Files(job.Scores)}"))}");
    }

    /// <summary>A text of SQL.</summary>
    public static string Quote(string text) => $"'{text.Replace("'", "''", StringComparison.Ordinal)}'";

    private static string EpisodeView(SqlJob job)
    {
        var rows = $"SELECT {Cast(Episodes)} FROM held.live";
        if (job.Episodes.Count > 0)
        {
            var condition = job.Replaced.Count == 0 ? ""
                : " WHERE NOT EXISTS (SELECT 1 FROM held.replaced r WHERE r.path = f.filename AND r.episode_id = f.episode_id)";
            rows += $" UNION ALL SELECT {Cast(Episodes, "f.")} FROM {Files(job.Episodes, ", filename = true")} f{condition}";
        }

        return $"SELECT *, {Moment("start_time")} AS started_at, {Moment("end_time")} AS ended_at FROM ({rows})";
    }

    // A pack may hold steps that a later term replaced: only episodes with steps of several terms can have such.
    private static string StepView(SqlJob job)
    {
        var parts = new List<string>();
        if (job.SealedSteps.Count > 0) parts.Add($"SELECT {Cast(Steps)} FROM {Files(job.SealedSteps)}");
        if (job.PackedSteps.Count == 0) return parts.Count == 0 ? Nothing(Steps) : parts[0];
        var packs = Files(job.PackedSteps);
        parts.Add($"SELECT {Cast(Steps)} FROM {packs} WHERE episode_id NOT IN (SELECT episode_id FROM contested)");
        parts.Add(
            $"SELECT {Cast(Steps)} FROM (SELECT *, row_number() OVER (PARTITION BY episode_id, ordinal ORDER BY term DESC, chunk DESC, place DESC) AS age "
            + $"FROM {packs} WHERE episode_id IN (SELECT episode_id FROM contested)) WHERE age = 1");
        return $"WITH contested AS MATERIALIZED (SELECT episode_id FROM {packs} GROUP BY episode_id HAVING min(term) <> max(term)) {string.Join(" UNION ALL ", parts)}";
    }

    private static string Kept(SqlJob job, string rows) =>
        job.Deleted.Count == 0 ? rows : $"SELECT * FROM ({rows}) WHERE episode_id NOT IN (SELECT episode_id FROM held.deleted)";

    // A caller's time may lie outside of the calendar.
    private static string Moment(string column) =>
        $"CASE WHEN {column} BETWEEN -62135596800 AND 253402300799 THEN make_timestamp(CAST({column} * 1e6 AS BIGINT)) END";

    private static string Files(IReadOnlyList<string> paths, string options = "") => $"read_parquet([{string.Join(", ", paths.Select(Quote))}]{options})";

    private static string Cast(IEnumerable<(string Name, string Type)> columns, string of = "") =>
        string.Join(", ", columns.Select(column => $"CAST({of}{column.Name} AS {column.Type}) AS {column.Name}"));

    private static string Nothing(IEnumerable<(string Name, string Type)> columns) =>
        $"SELECT {string.Join(", ", columns.Select(column => $"CAST(NULL AS {column.Type}) AS {column.Name}"))} WHERE false";

    private static void Append(IDuckDBAppenderRow row, object? value)
    {
        switch (value)
        {
            case null: row.AppendNullValue(); break;
            case string text: row.AppendValue(text); break;
            case double number: row.AppendValue(number); break;
            case long number: row.AppendValue(number); break;
            case int number: row.AppendValue(number); break;
            default: row.AppendValue((List<string>)value); break;
        }
    }

    private static void Run(DuckDBConnection connection, string sql)
    {
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }
}
