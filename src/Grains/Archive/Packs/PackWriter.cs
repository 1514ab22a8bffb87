using ParquetSharp;
using ParquetSharp.Schema;
using Rollbook.Export;

namespace Rollbook.Archive;

/// <summary>
/// Writes a Parquet file of one kind of rows, a row group at a time: zstd, statistics, page index, and a checksum for each page. Holds no more than the row group that is
/// being filled.
/// </summary>
internal sealed class PackWriter : IDisposable
{
    /// <summary>"No level", the only one that a column without compression takes.</summary>
    private const int NoLevel = int.MinValue;

    private readonly PackColumn[] _columns;
    private readonly PackColumn[] _proved;
    private readonly Dictionary<string, string> _metadata;
    private readonly List<PackGroup> _groups = [];
    private readonly ParquetFileWriter _file;

    /// <summary>Begins a file.</summary>
    /// <param name="to">Takes the file; left open.</param>
    /// <param name="kind">What its rows are.</param>
    /// <param name="columns">All columns, in their order. They are the caller's, who fills them.</param>
    /// <param name="proved">Those that have a CRC in each row group.</param>
    /// <param name="tuning">How it is laid out.</param>
    public PackWriter(Stream to, ArchiveKind kind, PackColumn[] columns, PackColumn[] proved, PackTuning tuning)
    {
        (_columns, _proved) = (columns, proved);
        _metadata = new Dictionary<string, string>
        {
            [PackFormat.VersionKey] = PackFormat.Version.ToString(System.Globalization.CultureInfo.InvariantCulture),
            [PackFormat.KindKey] = ArchivePaths.Word(kind),
        };
        var nodes = columns.Select(static column => column.ToNode()).ToArray();
        using var schema = new GroupNode("schema", Repetition.Required, nodes);
        using var properties = Properties(columns, tuning);
        _file = new ParquetFileWriter(to, schema, properties, _metadata, leaveOpen: true);
        foreach (var node in nodes) node.Dispose();
    }

    /// <summary>Rows of the row groups so far.</summary>
    public long Rows { get; private set; }

    /// <summary>Writes what is in the columns as a row group, and empties them.</summary>
    public void Flush(PackKey first, PackKey last)
    {
        var rows = _columns[0].Rows;
        if (rows == 0) return;
        using (var group = _file.AppendRowGroup())
        {
            foreach (var column in _columns)
            {
                if (column.Rows != rows) throw new InvalidOperationException($"The column {column.Name} has {column.Rows} rows and the others have {rows}.");
                using var writer = group.NextColumn();
                column.Write(writer);
            }
        }

        _groups.Add(new PackGroup(rows, first, last, [.. _proved.Select(static column => column.Crc(0))]));
        Rows += rows;
        foreach (var column in _columns) column.Clear();
    }

    /// <summary>Ends the file.</summary>
    /// <param name="leftOut">Told in its metadata where there are any; null = it is no export.</param>
    public void Complete(IReadOnlyList<LeftOut>? leftOut = null)
    {
        if (leftOut is { Count: > 0 }) _metadata[PackFormat.LeftOutKey] = System.Text.Encoding.UTF8.GetString(LeftOut.Write(leftOut));
        _metadata[PackFormat.GroupsKey] = new PackGroups([.. _proved.Select(static column => column.Name)], [.. _groups]).Write();
        _file.Close();
    }

    /// <inheritdoc/>
    public void Dispose() => _file.Dispose();

    private static WriterProperties Properties(PackColumn[] columns, PackTuning tuning)
    {
        using var properties = new WriterPropertiesBuilder();
        properties
            .Compression(Compression.Zstd)
            .CompressionLevel(tuning.Level)
            .DataPagesize(tuning.PageBytes)
            .WriteBatchSize(tuning.BatchRows)
            .DictionaryPagesizeLimit(tuning.DictionaryBytes)
            .EnablePageChecksum()
            .EnableWritePageIndex()
            .CreatedBy(PackFormat.Writer);
        foreach (var column in columns)
        {
            if (!column.HasStatistics) properties.DisableStatistics(column.Path);
            if (column.Encoding == PackEncoding.Dictionary) continue;
            properties.DisableDictionary(column.Path);
            if (column.Encoding == PackEncoding.Raw) properties.Compression(column.Path, Compression.Uncompressed).CompressionLevel(column.Path, NoLevel);
            properties.Encoding(column.Path, column.Encoding switch
            {
                PackEncoding.Delta => Encoding.DeltaBinaryPacked,
                PackEncoding.DeltaLength => Encoding.DeltaLengthByteArray,
                PackEncoding.Split => Encoding.ByteStreamSplit,
                _ => Encoding.Plain,
            });
        }

        return properties.Build();
    }
}
