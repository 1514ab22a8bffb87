namespace Rollbook.Archive;

/// <summary>Reads a file of score events. Every row is proved by the CRC of its row group.</summary>
/// <param name="content">Reads and seeks, such as <see cref="ArchiveObject.Content"/>; left open.</param>
/// <param name="name">Its name, for errors.</param>
/// <exception cref="PackDamagedException">It is not what was written.</exception>
/// <exception cref="PackVersionException">A newer release wrote it.</exception>
public sealed class ScorePackReader(Stream content, string name) : IDisposable
{
    private readonly RowPackReader<ScoreRow> _rows = new(content, name, ArchiveKind.Scores, new ScorePackColumns());

    /// <summary>How many rows it has.</summary>
    public long Rows => _rows.Rows;

    /// <summary>The events of an episode, in the order of the file.</summary>
    /// <exception cref="PackDamagedException">The row group on the way is not what was written.</exception>
    public IReadOnlyList<ScoreRow> Read(EpisodeId episode) => _rows.Read(episode);

    /// <summary>All rows in the order of the file. Nothing else may be read meanwhile.</summary>
    /// <exception cref="PackDamagedException">A row group is not what was written.</exception>
    public IEnumerable<ScoreRow> ReadAll() => _rows.ReadAll();

    /// <inheritdoc/>
    public void Dispose() => _rows.Dispose();
}
