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

    internal static long Write(Stream to, IEnumerable<ScoreRow> rows, PackTuning tuning)
    {
        using var writer = Open(to, tuning);
        foreach (var row in rows) writer.Add(row);
        return writer.Complete();
    }

    /// <summary>Begins a file that is written row by row.</summary>
    internal static RowPackWriter<ScoreRow> Open(Stream to, PackTuning tuning) => new(
        to, ArchiveKind.Scores, new ScorePackColumns(), static row => row.Episode, static row => (row.Event.Rationale?.Length ?? 0) + (row.Event.Metadata?.Length ?? 0), tuning);
}
