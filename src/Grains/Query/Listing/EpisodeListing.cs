using System.Globalization;

namespace Rollbook.Query;

/// <summary>A page of episodes: first which, by the few columns that say so; then their rows; then what stays in the files.</summary>
internal static class EpisodeListing
{
    // A scan of its own costs a file a millisecond or two before its first row.
    private const int FilesByPlace = 4;

    /// <summary>Reads the page.</summary>
    public static ListPage<ListedEpisode> Read(
        TableSession session, string project, EpisodeFilter filter, ListOrder order, int limit, ListCursor? after, bool texts, CancellationToken cancellation)
    {
        var chosen = Choose(session, filter, order, limit + 1, after, cancellation);
        var more = chosen.Count > limit;
        if (more) chosen.RemoveAt(limit);
        var rows = new Dictionary<long, ListedEpisode>(chosen.Count);
        ReadArchived(session, project, [.. chosen.Where(row => row.Seq >= 0).Select(row => row.Seq)], rows, texts, cancellation);
        ReadLive(session, project, [.. chosen.Where(row => row.Seq < 0).Select(row => row.Seq)], rows, texts, cancellation);
        var next = more ? new ListCursor(order.Name, chosen[^1].Key, chosen[^1].Id).ToString() : null;
        return new ListPage<ListedEpisode>([.. chosen.Select(row => rows[row.Seq])], next, session.AsOf, session.Missing);
    }

    private static List<(long Seq, double? Key, string Id)> Choose(
        TableSession session, EpisodeFilter filter, ListOrder order, int most, ListCursor? after, CancellationToken cancellation)
    {
        // Each side gives its first rows by itself: the engine then reads no other column of the rows that lose.
        var sql = new SqlText().Add("SELECT seq, key, episode_id FROM (");
        Side("m.archived", session.Counts);
        sql.Add(" UNION ALL ");
        Side("m.live", "true");
        sql.Add($") {order.By("episode_id")} LIMIT {most.ToString(CultureInfo.InvariantCulture)}");
        var rows = new List<(long, double?, string)>();
        session.Read(sql, row => rows.Add((row.GetInt64(0), row.IsDBNull(1) ? null : row.GetDouble(1), row.GetString(2))), cancellation);
        return rows;

        void Side(string table, string condition)
        {
            sql.Add($"(SELECT seq, ({order.Key}) AS key, episode_id FROM {table} WHERE {condition}");
            filter.AddTo(sql);
            if (after is not null) order.AddAfter(sql, "episode_id", after);
            sql.Add($" {order.By("episode_id")} LIMIT {most.ToString(CultureInfo.InvariantCulture)})");
        }
    }

    private static void ReadArchived(TableSession session, string project, List<long> seqs, Dictionary<long, ListedEpisode> rows, bool texts, CancellationToken cancellation)
    {
        if (seqs.Count == 0) return;
        var narrow = new SqlText().Add($"SELECT seq, {EpisodeColumns.Narrow} FROM m.archived WHERE seq IN ({Numbers(seqs)})");
        session.Read(narrow, row => rows.Add(row.GetInt64(0), ListedEpisode.Read(row, 1, project)), cancellation);

        if (!texts) return;
        var others = new List<IGrouping<long, long>>();
        foreach (var file in seqs.GroupBy(seq => seq >> 32))
        {
            cancellation.ThrowIfCancellationRequested();
            // In the order of their places: neighbours lie in one page.
            var sorted = file.Order().ToList();
            if (session.Texts.Read((int)file.Key, session.PathOf(file.First()), [.. sorted.Select(seq => seq & uint.MaxValue)]) is not { } large) others.Add(file);
            else foreach (var (seq, text) in sorted.Zip(large)) AddWide(rows, seq, text.Metadata, text.InitialObservation);
        }

        if (others.Count == 0) return;
        session.Read(others.Count <= FilesByPlace ? WideByPlace(session, others) : WideById(session, others, rows), row => AddWide(rows, row), cancellation);
    }

    /// <summary>Files of another writer, by the rows' places: each file is a scan of its own, which reads nothing else.</summary>
    private static SqlText WideByPlace(TableSession session, List<IGrouping<long, long>> files)
    {
        var sql = new SqlText();
        foreach (var file in files)
        {
            var places = Numbers(file.Select(seq => seq & uint.MaxValue));
            sql.Add(file == files[0] ? "" : " UNION ALL ")
                .Add($"SELECT {Numbers([file.Key << 32])} + file_row_number, metadata, initial_observation FROM read_parquet(").Value(session.PathOf(file.First()))
                .Add($", file_row_number = true) WHERE file_row_number IN ({places})");
        }

        return sql;
    }

    /// <summary>Files of another writer, by the episodes' ids: one scan of many files, whose statistics tell where to look. An id may stand in two of them.</summary>
    private static SqlText WideById(TableSession session, List<IGrouping<long, long>> files, Dictionary<long, ListedEpisode> rows)
    {
        var numbers = files.ToDictionary(file => session.PathOf(file.First()), file => file.Key << 32);
        return new SqlText().Add("SELECT v.base + e.file_row_number, e.metadata, e.initial_observation FROM read_parquet(").Value(numbers.Keys.ToList())
            .Add("::VARCHAR[], file_row_number = true, filename = true) e JOIN (SELECT unnest(").Value(numbers.Keys.ToList()).Add("::VARCHAR[]) AS path, unnest(")
            .Value(numbers.Values.ToList()).Add("::BIGINT[]) AS base) v ON v.path = e.filename WHERE e.episode_id IN (").List(rows.Values.Select(row => row.Record.Key.Id.ToString())).Add(")");
    }

    private static void ReadLive(TableSession session, string project, List<long> seqs, Dictionary<long, ListedEpisode> rows, bool texts, CancellationToken cancellation)
    {
        if (seqs.Count == 0) return;
        var condition = $"FROM m.live WHERE seq IN ({Numbers(seqs)})";
        session.Read(new SqlText().Add($"SELECT seq, {EpisodeColumns.Narrow} {condition}"), row => rows.Add(row.GetInt64(0), ListedEpisode.Read(row, 1, project)), cancellation);
        if (texts) session.Read(new SqlText().Add($"SELECT seq, metadata, initial_observation {condition}"), row => AddWide(rows, row), cancellation);
    }

    private static void AddWide(Dictionary<long, ListedEpisode> rows, DuckDB.NET.Data.DuckDBDataReader row) =>
        AddWide(rows, row.GetInt64(0), row.IsDBNull(1) ? null : row.GetString(1), row.IsDBNull(2) ? null : row.GetString(2));

    private static void AddWide(Dictionary<long, ListedEpisode> rows, long seq, string? metadata, string? initialObservation)
    {
        if (!rows.TryGetValue(seq, out var listed)) return;
        rows[seq] = listed with { Record = listed.Record with { Metadata = metadata, InitialObservation = initialObservation } };
    }

    private static string Numbers(IEnumerable<long> numbers) => string.Join(", ", numbers.Select(number => number.ToString(CultureInfo.InvariantCulture)));
}
