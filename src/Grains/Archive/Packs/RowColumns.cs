namespace Rollbook.Archive;

/// <summary>The columns of a file whose rows are read as wholes, and the way of a row into them and back.</summary>
/// <typeparam name="TRow">A row.</typeparam>
internal abstract class RowColumns<TRow>
{
    /// <summary>All columns in their order. Each has a CRC in each row group.</summary>
    public abstract PackColumn[] All { get; }

    /// <summary>The episode of a row of the columns.</summary>
    public abstract EpisodeId EpisodeAt(int row);

    /// <summary>Adds a row.</summary>
    public abstract void Add(TRow row);

    /// <summary>Reads a row.</summary>
    /// <exception cref="InvalidDataException">It is none.</exception>
    public abstract TRow Get(int row);

    /// <summary>Reads an id.</summary>
    /// <exception cref="InvalidDataException">It is none.</exception>
    protected static EpisodeId Ulid(TextColumn column, int row) =>
        EpisodeId.TryParse(column.String(row), out var id) ? id : throw new InvalidDataException($"{column.Name} is not a ULID");
}
