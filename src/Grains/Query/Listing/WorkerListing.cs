using System.Globalization;

namespace Rollbook.Query;

/// <summary>A page of workers.</summary>
internal static class WorkerListing
{
    /// <summary>Reads the page.</summary>
    public static ListPage<ListedWorker> Read(
        TableSession session, EpisodeFilter filter, ListOrder order, int limit, ListCursor? after, CancellationToken cancellation)
    {
        var counts = string.Join(", ", EpisodeStatuses.Names.Select(status => $"count(*) FILTER (status = '{status}') AS {status}"));
        const string Columns = "worker, episode_id, task, status, start_time, end_time, last_received_at, step_count";
        var sql = new SqlText().Add($"SELECT *, {order.Key} AS key FROM (SELECT worker, ")
            .Add("arg_max(episode_id, start_time) FILTER (status = 'running') AS current, arg_max(episode_id, start_time) AS last, arg_max(task, start_time) AS task, ")
            .Add("max(greatest(start_time, coalesce(end_time, start_time), last_received_at / 1e6)) AS last_seen, count(*) AS episodes, sum(step_count)::BIGINT AS steps, ")
            .Add($"{counts} FROM (SELECT {Columns} FROM m.archived WHERE {session.Counts}");
        filter.AddTo(sql);
        sql.Add($" UNION ALL SELECT {Columns} FROM m.live WHERE true");
        filter.AddTo(sql);
        sql.Add(") GROUP BY worker) WHERE true");
        if (after is not null) order.AddAfter(sql, "worker", after);
        sql.Add($" {order.By("worker")} LIMIT {(limit + 1).ToString(CultureInfo.InvariantCulture)}");

        var rows = new List<(ListedWorker Worker, double? Key)>();
        session.Read(
            sql,
            row => rows.Add((
                new ListedWorker(
                    row.GetString(0), row.IsDBNull(1) ? null : row.GetString(1), row.GetString(2), row.GetString(3), row.GetDouble(4), row.GetInt64(5), row.GetInt64(6),
                    [.. EpisodeStatuses.Names.Select((_, i) => row.GetInt64(7 + i))]),
                row.IsDBNull(7 + EpisodeStatuses.Names.Count) ? null : row.GetDouble(7 + EpisodeStatuses.Names.Count))),
            cancellation);
        var more = rows.Count > limit;
        if (more) rows.RemoveAt(limit);
        var next = more ? new ListCursor(order.Name, rows[^1].Key, rows[^1].Worker.Worker).ToString() : null;
        return new ListPage<ListedWorker>([.. rows.Select(row => row.Worker)], next, session.AsOf, session.Missing);
    }
}
