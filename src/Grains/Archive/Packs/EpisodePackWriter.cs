namespace Rollbook.Archive;

/// <summary>Writes a file of episodes: Parquet with a row an episode, sorted by episode.</summary>
public static class EpisodePackWriter
{
    /// <summary>What files are written with: a listing reads the large values of single rows, a page each.</summary>
    private static readonly PackTuning Tuning = PackTuning.Default with { PageBytes = 32 << 10, BatchRows = 16 };

    /// <summary>Writes a whole file.</summary>
    /// <param name="to">Takes the file; left open.</param>
    /// <param name="project">The project of all rows.</param>
    /// <param name="rows">The rows, sorted by episode.</param>
    /// <returns>How many rows there were.</returns>
    /// <exception cref="ArgumentException">A row is of another project, or sorts before the last one.</exception>
    public static long Write(Stream to, string project, IEnumerable<EpisodeRow> rows) => Write(to, project, rows, Tuning);

    internal static long Write(Stream to, string project, IEnumerable<EpisodeRow> rows, PackTuning tuning)
    {
        using var writer = Open(to, project, tuning);
        foreach (var row in rows) writer.Add(row);
        return writer.Complete();
    }

    /// <summary>Begins a file that is written row by row.</summary>
    internal static RowPackWriter<EpisodeRow> Open(Stream to, string project, PackTuning tuning) => new(
        to, ArchiveKind.Episodes, new EpisodePackColumns(project), static row => row.Record.Key.Id,
        static row => (row.Record.Metadata?.Length ?? 0) + (row.Record.InitialObservation?.Length ?? 0), tuning);
}
