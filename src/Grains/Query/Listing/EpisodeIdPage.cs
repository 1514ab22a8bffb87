namespace Rollbook.Query;

/// <summary>A page of ids, ascending: what walks over all episodes of a filter without their rows.</summary>
/// <param name="Ids">The ids.</param>
/// <param name="Last">The greatest id of all that fit as of this page; null = none fits.</param>
/// <param name="Missing">Names of the logs that did not answer.</param>
internal sealed record EpisodeIdPage(IReadOnlyList<EpisodeId> Ids, EpisodeId? Last, IReadOnlyList<string> Missing)
{
    /// <summary>Reads a page.</summary>
    /// <param name="session">The pinned moment.</param>
    /// <param name="filter">Which episodes.</param>
    /// <param name="after">Only ids behind this one; null = all.</param>
    /// <param name="limit">At most so many.</param>
    /// <param name="cancellation">Ends it.</param>
    public static EpisodeIdPage Read(TableSession session, EpisodeFilter filter, EpisodeId? after, int limit, CancellationToken cancellation)
    {
        var ids = new List<EpisodeId>();
        session.Read(Rows("episode_id").Add(System.FormattableString.Invariant($" ORDER BY episode_id LIMIT {limit}")), row => ids.Add(EpisodeId.Parse(row.GetString(0))), cancellation);
        EpisodeId? last = null;
        session.Read(Rows("max(episode_id)"), row => last = row.IsDBNull(0) ? null : EpisodeId.Parse(row.GetString(0)), cancellation);
        return new EpisodeIdPage(ids, last, session.Missing);

        SqlText Rows(string what)
        {
            var sql = new SqlText().Add($"SELECT {what} FROM (");
            Side(sql, "m.archived", session.Counts);
            sql.Add(" UNION ALL ");
            Side(sql, "m.live", "true");
            return sql.Add(")");
        }

        void Side(SqlText sql, string table, string condition)
        {
            sql.Add($"SELECT episode_id FROM {table} WHERE {condition}");
            filter.AddTo(sql);
            if (after is { } id) sql.Add(" AND episode_id > ").Value(id.ToString());
        }
    }
}
