using ParquetSharp;
using Rollbook.Archive;

namespace Rollbook.Export;

/// <summary>A table of episodes: one Parquet file, with the columns of the archive's own files.</summary>
/// <param name="Name">As it is asked for.</param>
/// <param name="Kind">What its rows are.</param>
/// <param name="Open">Begins a file of a project's rows.</param>
internal sealed record ExportTable(string Name, ArchiveKind Kind, Func<Stream, string, TableWriter> Open)
{
    /// <summary>The format's name, beside those of <see cref="ExportForm"/>.</summary>
    public const string Format = "parquet";

    /// <summary>All of them.</summary>
    public static readonly IReadOnlyList<ExportTable> All =
    [
        new("steps", ArchiveKind.Steps, static (to, _) => new StepTableWriter(to)),
        new("episodes", ArchiveKind.Episodes, static (to, project) => new EpisodeTableWriter(to, project)),
        new("scores", ArchiveKind.Scores, static (to, _) => new ScoreTableWriter(to)),
    ];

    /// <summary>The names, in a sentence.</summary>
    public static string Names { get; } = string.Join(", ", All.Select(static table => table.Name));

    /// <summary>The file of one table.</summary>
    public ExportFile File => new($".{Name}.parquet", "application/vnd.apache.parquet");

    /// <summary>The episodes that the metadata of a table's file tell as left out.</summary>
    public static IReadOnlyList<LeftOut> ReadLeftOut(string path)
    {
        using var file = new ParquetFileReader(path);
        return file.FileMetaData.KeyValueMetadata.TryGetValue(PackFormat.LeftOutKey, out var json) ? LeftOut.Read(System.Text.Encoding.UTF8.GetBytes(json)) : [];
    }

    /// <summary>The table of a name; null where there is none.</summary>
    public static ExportTable? Find(string? name) => All.FirstOrDefault(table => table.Name == name);
}
