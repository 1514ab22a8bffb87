namespace Rollbook.Archive;

/// <summary>Writes a file of score events: Parquet with a row an event, sorted by episode.</summary>
public static class ScorePackWriter
{
    /// <summary>Writes a whole file.</summary>
    /// <param name="to">Takes the file; left open.</param>
    /// <param name="rows">The rows, sorted by episode, and within it in the order of the log.</param>
    /// <returns>How many rows there were.</returns>
    /// <exception cref="ArgumentException">A row sorts before the last one.</exception>
    public static long Write(Stream to, IEnumerable<ScoreRow> rows) => Write(to, rows, PackTuning.Default);

    internal static long Write(Stream to, IEnumerable<ScoreRow> rows, PackTuning tuning) =>
        RowPackWriter.Write(to, ArchiveKind.Scores, new ScorePackColumns(), rows, static row => row.Episode, tuning);
}
