using System.Globalization;
using ParquetSharp;

namespace Rollbook.Archive;

/// <summary>
/// Reads a Parquet file of one kind of rows: its version first, then its row groups one by one. What it gives was written: pages by their checksums, the columns that name
/// and date the rows by a CRC in each row group, and nothing of it depends on metadata that nothing proves. One caller at a time.
/// </summary>
internal sealed class PackFile : IDisposable
{
    private readonly SourceStream _source;
    private readonly ParquetFileReader _file;
    private readonly Dictionary<PackColumn, int> _places = [];
    private readonly PackGroups _groups;
    private readonly long[] _starts;

    /// <summary>Opens a file.</summary>
    /// <param name="content">Reads and seeks; left open.</param>
    /// <param name="name">Its name, for errors.</param>
    /// <param name="kind">What its rows should be.</param>
    /// <param name="columns">What will be read of it. One that is optional may be missing; those of the file that aren't here are passed over.</param>
    /// <exception cref="PackDamagedException">It is not what was written.</exception>
    /// <exception cref="PackVersionException">A newer release wrote it.</exception>
    public PackFile(Stream content, string name, ArchiveKind kind, PackColumn[] columns)
    {
        Name = name;
        _source = new SourceStream(content);
        try
        {
            using var properties = ReaderProperties.GetDefaultReaderProperties();
            properties.EnablePageChecksumVerification();
            _file = Guarded(null, () => new ParquetFileReader(_source, properties, leaveOpen: true));
            _groups = Guarded(null, () => ReadGroups(kind));
            Guarded(null, () => Place(columns));
        }
        catch
        {
            _file?.Dispose();
            throw;
        }

        _starts = new long[Groups.Length];
        for (var i = 1; i < _starts.Length; i++) _starts[i] = _starts[i - 1] + Groups[i - 1].Rows;
    }

    /// <summary>The file's name.</summary>
    public string Name { get; }

    /// <summary>The row groups, in the order of their keys.</summary>
    public PackGroup[] Groups => _groups.Groups;

    /// <summary>How many rows it has.</summary>
    public long Rows => Groups.Sum(static group => (long)group.Rows);

    /// <summary>Bytes read of it so far.</summary>
    public long BytesRead => _source.BytesRead;

    /// <summary>The number within the file of a row of a row group.</summary>
    public long Row(int group, int row) => _starts[group] + row;

    /// <summary>Fills columns with rows of a row group.</summary>
    /// <exception cref="PackDamagedException">They are not what was written.</exception>
    public void Load(int group, ReadOnlySpan<PackColumn> columns, int from, int count)
    {
        using var reader = Guarded(group, () => _file.RowGroup(group));
        foreach (var column in columns)
        {
            if (!_places.TryGetValue(column, out var place)) column.Fill(count);
            else Guarded(group, () => Load(reader, column, place, from, count));
        }
    }

    /// <summary>Fills columns with a row group and proves each by its CRC.</summary>
    /// <exception cref="PackDamagedException">They are not what was written.</exception>
    public void LoadProved(int group, PackColumn[] columns)
    {
        Load(group, columns, 0, Groups[group].Rows);
        foreach (var column in columns)
        {
            var proof = Array.IndexOf(_groups.Proved, column.Name);
            if (proof >= 0 ? column.Crc(0) != Groups[group].Crcs[proof] : _places.ContainsKey(column))
                throw Damaged(group, $"the column {column.Name} doesn't match the CRC of its row group");
        }
    }

    /// <summary>The error of a row group's row.</summary>
    public PackDamagedException Damaged(int group, int row, string what, Exception? inner = null) => new(Name, Row(group, row), what, inner);

    /// <inheritdoc/>
    public void Dispose() => _file.Dispose();

    private PackDamagedException Damaged(int group, string what, Exception? inner = null) => new(Name, null, $"row group {group} (rows from {_starts[group]}): {what}", inner);

    private static void Load(RowGroupReader reader, PackColumn column, int place, int from, int count)
    {
        using var values = reader.Column(place);
        column.Read(values, from, count);
        if (column.Rows != count) throw new InvalidDataException($"{column.Name} has {column.Rows} rows instead of {count}");
    }

    private PackGroups ReadGroups(ArchiveKind kind)
    {
        var metadata = _file.FileMetaData;
        var told = metadata.KeyValueMetadata;
        if (!told.TryGetValue(PackFormat.VersionKey, out var version) || !int.TryParse(version, NumberStyles.None, CultureInfo.InvariantCulture, out var number) || number < 1)
            throw new InvalidDataException($"it has no {PackFormat.VersionKey}, which every file of the archive has");
        if (number > PackFormat.Version) throw new PackVersionException(Name, version);
        if (!told.TryGetValue(PackFormat.KindKey, out var word) || word != ArchivePaths.Word(kind))
            throw new InvalidDataException($"it should hold {ArchivePaths.Word(kind)}, and holds {word ?? "nothing known"}");
        var groups = PackGroups.Read(told.GetValueOrDefault(PackFormat.GroupsKey) ?? "");
        if (groups.Groups.Length != metadata.NumRowGroups || groups.Groups.Sum(static group => (long)group.Rows) != metadata.NumRows)
            throw new InvalidDataException("its row groups are not those of its list");
        return groups;
    }

    private void Place(PackColumn[] columns)
    {
        var metadata = _file.FileMetaData;
        var schema = metadata.Schema;
        foreach (var column in columns)
        {
            var place = schema.ColumnIndex(column.Path);
            if (place >= 0 && column.Fits(schema.Column(place))) _places.Add(column, place);
            else if (place >= 0) throw new InvalidDataException($"its column {column.Name} is of another type");
            else if (!column.IsOptional) throw new InvalidDataException($"it has no column {column.Name}");
        }

        foreach (var (index, group) in Groups.Index())
        {
            using var reader = _file.RowGroup(index);
            if (reader.MetaData.NumRows != group.Rows) throw new InvalidDataException($"row group {index} has {reader.MetaData.NumRows} rows instead of {group.Rows}");
        }
    }

    private void Guarded(int? group, Action call) => Guarded(group, () =>
    {
        call();
        return true;
    });

    // Whatever a broken file makes of the native reader is damage, unless the disk failed below it.
    private T Guarded<T>(int? group, Func<T> call)
    {
        try
        {
            return call();
        }
        catch (Exception error) when (error is not (PackDamagedException or PackVersionException))
        {
            if (_source.Failure is { } failure) throw new IOException($"'{Name}' could not be read: {failure.Message}", failure);
            throw group is { } number ? Damaged(number, error.Message, error) : new PackDamagedException(Name, null, error.Message, error);
        }
    }
}
