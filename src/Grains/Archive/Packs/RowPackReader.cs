namespace Rollbook.Archive;

/// <summary>Reads a file whose rows are read as wholes.</summary>
internal sealed class RowPackReader<TRow>(Stream content, string name, ArchiveKind kind, RowColumns<TRow> columns) : IDisposable
{
    private readonly PackFile _file = new(content, name, kind, columns.All);
    private readonly Lock _turn = new();
    private int _loaded = -1;

    /// <summary>How many rows it has.</summary>
    public long Rows => _file.Rows;

    /// <summary>The rows of an episode.</summary>
    public List<TRow> Read(EpisodeId episode)
    {
        lock (_turn)
        {
            var rows = new List<TRow>();
            for (var group = 0; group < _file.Groups.Length; group++)
            {
                if (_file.Groups[group].Last.Episode.CompareTo(episode) < 0) continue;
                if (_file.Groups[group].First.Episode.CompareTo(episode) > 0) break;
                Load(group);
                for (var row = 0; row < _file.Groups[group].Rows; row++)
                {
                    if (EpisodeAt(group, row) == episode) rows.Add(Get(group, row));
                }
            }

            return rows;
        }
    }

    /// <summary>All rows in the order of the file. Nothing else may be read meanwhile.</summary>
    public IEnumerable<TRow> ReadAll()
    {
        for (var group = 0; group < _file.Groups.Length; group++)
        {
            Load(group);
            for (var row = 0; row < _file.Groups[group].Rows; row++) yield return Get(group, row);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _file.Dispose();

    private void Load(int group)
    {
        if (_loaded == group) return;
        _loaded = -1;
        _file.LoadProved(group, columns.All);
        _loaded = group;
    }

    private EpisodeId EpisodeAt(int group, int row) => Guarded(group, row, columns.EpisodeAt);

    private TRow Get(int group, int row) => Guarded(group, row, columns.Get);

    private T Guarded<T>(int group, int row, Func<int, T> read)
    {
        try
        {
            return read(row);
        }
        catch (Exception error) when (error is InvalidDataException or FormatException or ArgumentException)
        {
            throw _file.Damaged(group, row, error.Message, error);
        }
    }
}
