using System.Globalization;
using DuckDB.NET.Data;

namespace Rollbook.Query;

/// <summary>Statistics over episodes.</summary>
/// <param name="Groups">The most episodes first.</param>
/// <param name="Truncated">There are more groups than an answer takes.</param>
/// <param name="AsOf">When the newest pack was made, Unix seconds; null = there is none.</param>
/// <param name="Missing">Names of the logs that did not answer.</param>
internal sealed record EpisodeStats(IReadOnlyList<StatsGroup> Groups, bool Truncated, double? AsOf, IReadOnlyList<string> Missing)
{
    private const string Columns =
        "task, variant_id, worker, group_id, policy_version, environment, status, start_time, end_time, final_score, step_count, errors, flagged, labels";

    private const int FirstSpread = 8;

    /// <summary>Computes them.</summary>
    /// <exception cref="ArgumentException">A field can't be grouped by.</exception>
    public static EpisodeStats Read(TableSession session, StatsRequest request, CancellationToken cancellation)
    {
        var keys = request.GroupBy
            .Select(name => StatsRequest.Fields.TryGetValue(name, out var field) ? field : throw new ArgumentException($"'{name}' can't be grouped by.")).ToList();
        var groups = ReadGroups(session, request, keys, cancellation);
        var truncated = groups.Count > StatsRequest.MaxGroups;
        if (truncated) groups.RemoveAt(groups.Count - 1);
        var byKey = groups.ToDictionary(group => Key(group.Keys));
        ReadUnits(session, request, keys, byKey, cancellation);
        return new EpisodeStats(groups, truncated, session.AsOf, session.Missing);
    }

    // A separator that no value has: values are printable.
    private static string Key(IEnumerable<string?> keys) => string.Join('\0', keys.Select(key => key is null ? "" : "=" + key));

    private static List<StatsGroup> ReadGroups(TableSession session, StatsRequest request, List<string> keys, CancellationToken cancellation)
    {
        var groups = ReadGroups(session, request, keys, Spread.Micros("duration"), Spread.MicrosPerSecond, cancellation);
        // A caller's times may lie so far apart that their microseconds don't count as whole numbers.
        if (groups.Any(group => group.Duration.Count != group.Timed)) groups = ReadGroups(session, request, keys, "duration", 1, cancellation);
        // Without keys there is a row for nothing at all.
        if (keys.Count == 0) groups.RemoveAll(group => group.Count == 0);
        return groups;
    }

    private static List<StatsGroup> ReadGroups(
        TableSession session, StatsRequest request, List<string> keys, string durations, double perSecond, CancellationToken cancellation)
    {
        // Counted by CASE: a FILTER has the engine copy every column of the rows once more.
        var sql = new SqlText().Add($"SELECT {Prefix(keys)}count(*), count(final_score), count(CASE WHEN NOT isfinite(final_score) THEN 1 END), count(CASE WHEN final_score >= ")
            .Value(request.Threshold)
            .Add(" AND NOT isnan(final_score) THEN 1 END), sum(errors)::BIGINT, count(CASE WHEN errors > 0 THEN 1 END), sum(flagged)::BIGINT, count(CASE WHEN flagged > 0 THEN 1 END), ")
            .Add($"{Spread.Columns("score", "score")}, {Spread.Columns("steps", "step_count")}, {Spread.Columns("duration", durations)}, count(duration), sum(step_count)::BIGINT, ")
            .Add(string.Join(", ", EpisodeStatuses.Names.Select(status => $"count(CASE WHEN status = '{status}' THEN 1 END)")))
            .Add(" FROM (SELECT *, CASE WHEN isfinite(final_score) THEN final_score END AS score, step_count::DOUBLE AS steps, ")
            .Add("CASE WHEN isfinite(end_time - start_time) THEN end_time - start_time END AS duration FROM ");
        AddRows(session, request.Filter, sql);
        sql.Add($"){Grouped(keys)} ORDER BY {(keys.Count + 1).ToString(CultureInfo.InvariantCulture)} DESC{string.Concat(keys.Select((_, i) => $", {i + 1} NULLS LAST"))}")
            .Add($" LIMIT {(StatsRequest.MaxGroups + 1).ToString(CultureInfo.InvariantCulture)}");
        var groups = new List<StatsGroup>();
        session.Read(sql, row => groups.Add(ReadGroup(row, request.GroupBy, perSecond)), cancellation);
        return groups;
    }

    private static StatsGroup ReadGroup(DuckDBDataReader row, IReadOnlyList<string> names, double perSecond)
    {
        var keys = names.Count;
        var spreads = keys + FirstSpread;
        var rest = spreads + (3 * Spread.Width);
        return new StatsGroup
        {
            Keys = ReadKeys(row, names),
            Count = row.GetInt64(keys),
            Scored = row.GetInt64(keys + 1),
            NotFinite = row.GetInt64(keys + 2),
            Successes = row.GetInt64(keys + 3),
            Errors = Sum(keys + 4),
            EpisodesWithErrors = row.GetInt64(keys + 5),
            Flagged = Sum(keys + 6),
            EpisodesFlagged = row.GetInt64(keys + 7),
            Score = Spread.Read(row, spreads),
            Steps = Spread.Read(row, spreads + Spread.Width),
            Duration = Spread.Read(row, spreads + (2 * Spread.Width), perSecond),
            Timed = row.GetInt64(rest),
            TotalSteps = Sum(rest + 1),
            ByStatus = [.. EpisodeStatuses.Names.Select((_, i) => row.GetInt64(rest + 2 + i))],
        };

        long Sum(int column) => row.IsDBNull(column) ? 0 : row.GetInt64(column);
    }

    /// <summary>Pass@k and groups without variance: first each unit's attempts and successes, then how many units have which.</summary>
    private static void ReadUnits(TableSession session, StatsRequest request, List<string> keys, Dictionary<string, StatsGroup> groups, CancellationToken cancellation)
    {
        var tallies = groups.Values.ToDictionary(group => group, _ => new (double Sum, long Units)[request.Ks.Count]);
        var byGroup = Units(session, request, keys);
        session.Read(
            Tally(keys, byGroup, overTasks: false),
            row =>
            {
                if (!groups.TryGetValue(Key(ReadKeys(row, request.GroupBy)), out var group)) return;
                group.Groups += row.GetInt64(keys.Count + 3);
                group.ZeroVariance += row.GetInt64(keys.Count + 4);
                if (!request.OverTasks) Add(group, row);
            },
            cancellation);
        if (request.OverTasks && request.Ks.Count > 0)
        {
            session.Read(
                Tally(keys, Units(session, request, keys), overTasks: true),
                row =>
                {
                    if (groups.TryGetValue(Key(ReadKeys(row, request.GroupBy)), out var group)) Add(group, row);
                },
                cancellation);
        }

        foreach (var (group, tally) in tallies)
            group.PassAtK = [.. request.Ks.Zip(tally, (k, sum) => (k, sum.Units > 0 ? sum.Sum / sum.Units : (double?)null, sum.Units))];

        void Add(StatsGroup group, DuckDBDataReader row)
        {
            var (n, c, units) = (row.GetInt64(keys.Count), row.GetInt64(keys.Count + 1), row.GetInt64(keys.Count + 2));
            var tally = tallies[group];
            for (var i = 0; i < request.Ks.Count; i++)
            {
                if (PassAtK.Of(n, c, request.Ks[i]) is { } chance) tally[i] = (tally[i].Sum + (chance * units), tally[i].Units + units);
            }
        }
    }

    private static SqlText Tally(List<string> keys, SqlText units, bool overTasks)
    {
        var names = string.Concat(keys.Select((_, i) => $"k{i}, "));
        // Not scored is neither a success nor a failure.
        if (overTasks) units.Wrap($"(SELECT {names}task, NULL AS group_id, sum(n)::BIGINT AS n, sum(c)::BIGINT AS c, NULL AS low, NULL AS high FROM ", $" GROUP BY {names}task)");
        units.Wrap(
            $"SELECT {names}n, c, count(*), count(CASE WHEN group_id IS NOT NULL AND n >= 2 THEN 1 END), count(CASE WHEN group_id IS NOT NULL AND n >= 2 AND low = high THEN 1 END) FROM ",
            $" GROUP BY {names}n, c");
        return units;
    }

    private static SqlText Units(TableSession session, StatsRequest request, List<string> keys)
    {
        var selected = string.Concat(keys.Select((key, i) => $"{key} AS k{i}, "));
        var names = string.Concat(keys.Select((_, i) => $"k{i}, "));
        var sql = new SqlText()
            .Add($"(SELECT {names}task, group_id, count(*) AS n, count(CASE WHEN final_score >= ").Value(request.Threshold)
            .Add($" AND NOT isnan(final_score) THEN 1 END) AS c, min(final_score) AS low, max(final_score) AS high FROM (SELECT {selected}task, group_id, final_score FROM ");
        AddRows(session, request.Filter, sql);
        return sql.Add($" WHERE status <> 'running' AND final_score IS NOT NULL) GROUP BY {names}task, group_id)");
    }

    private static void AddRows(TableSession session, EpisodeFilter filter, SqlText sql)
    {
        sql.Add($"(SELECT {Columns} FROM m.archived WHERE {session.Counts}");
        filter.AddTo(sql);
        sql.Add($" UNION ALL SELECT {Columns} FROM m.live WHERE true");
        filter.AddTo(sql);
        sql.Add(")");
    }

    private static string Prefix(List<string> keys) => string.Concat(keys.Select((key, i) => $"{key} AS k{i}, "));

    private static string Grouped(List<string> keys) => keys.Count == 0 ? "" : $" GROUP BY {string.Join(", ", keys.Select((_, i) => $"k{i}"))}";

    private static List<string?> ReadKeys(DuckDBDataReader row, IReadOnlyList<string> names) =>
        [.. names.Select((name, i) => row.IsDBNull(i) ? null : name == StatsRequest.Day ? StatsRequest.DayName(row.GetInt32(i)) : row.GetString(i))];
}
