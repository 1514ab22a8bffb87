namespace Rollbook.Archive;

/// <summary>Writes a file whose rows are read as wholes.</summary>
internal static class RowPackWriter
{
    /// <summary>Writes a whole file.</summary>
    /// <param name="to">Takes the file; left open.</param>
    /// <param name="kind">What the rows are.</param>
    /// <param name="columns">Their columns.</param>
    /// <param name="rows">The rows, sorted by episode.</param>
    /// <param name="episodeOf">A row's episode.</param>
    /// <param name="tuning">How it is laid out.</param>
    /// <returns>How many rows there were.</returns>
    /// <exception cref="ArgumentException">A row sorts before the last one.</exception>
    public static long Write<TRow>(Stream to, ArchiveKind kind, RowColumns<TRow> columns, IEnumerable<TRow> rows, Func<TRow, EpisodeId> episodeOf, PackTuning tuning)
    {
        using var writer = new PackWriter(to, kind, columns.All, columns.All, tuning);
        PackKey first = default, last = default;
        var count = 0;
        var any = false;
        foreach (var row in rows)
        {
            var key = new PackKey(episodeOf(row), 0);
            if (any && key.CompareTo(last) < 0) throw new ArgumentException($"Rows are packed in the order of episodes: {key.Episode} came behind {last.Episode}.", nameof(rows));
            // All rows of an episode lie in one row group, so that they are found by reading one.
            if (count >= tuning.GroupRows && key != last) Flush();
            if (count++ == 0) first = key;
            columns.Add(row);
            (last, any) = (key, true);
        }

        Flush();
        writer.Complete();
        return writer.Rows;

        void Flush()
        {
            writer.Flush(first, last);
            count = 0;
        }
    }
}
