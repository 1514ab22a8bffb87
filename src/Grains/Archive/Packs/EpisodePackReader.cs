namespace Rollbook.Archive;

/// <summary>Reads a file of episodes. Every row is proved by the CRC of its row group.</summary>
/// <param name="content">Reads and seeks, such as <see cref="ArchiveObject.Content"/>; left open.</param>
/// <param name="name">Its name, for errors.</param>
/// <param name="project">The project that it belongs to.</param>
/// <exception cref="PackDamagedException">It is not what was written.</exception>
/// <exception cref="PackVersionException">A newer release wrote it.</exception>
public sealed class EpisodePackReader(Stream content, string name, string project) : IDisposable
{
    private readonly RowPackReader<EpisodeRow> _rows = new(content, name, ArchiveKind.Episodes, new EpisodePackColumns(project));

    /// <summary>How many rows it has.</summary>
    public long Rows => _rows.Rows;

    /// <summary>The newest row of an episode; null where there is none.</summary>
    /// <exception cref="PackDamagedException">The row group on the way is not what was written.</exception>
    public EpisodeRow? Read(EpisodeId episode) => _rows.Read(episode).MaxBy(static row => (row.Term, row.Chunk, row.Place));

    /// <summary>All rows in the order of the file. Nothing else may be read meanwhile.</summary>
    /// <exception cref="PackDamagedException">A row group is not what was written.</exception>
    public IEnumerable<EpisodeRow> ReadAll() => _rows.ReadAll();

    /// <inheritdoc/>
    public void Dispose() => _rows.Dispose();
}
