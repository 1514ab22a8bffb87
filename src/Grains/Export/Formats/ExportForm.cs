using System.Buffers;

namespace Rollbook.Export;

/// <summary>What is to be known of a format: its names, and who writes it.</summary>
/// <param name="Format">The format.</param>
/// <param name="Name">As it is asked for.</param>
/// <param name="One">A file with one episode.</param>
/// <param name="Many">A file with any number of them.</param>
/// <param name="ManyAreFiles">Many are a file each in a zip archive; else the lines of one stand behind those of the other.</param>
/// <param name="Open">Makes the writer of one episode.</param>
internal sealed record ExportForm(
    ExportFormat Format, string Name, ExportFile One, ExportFile Many, bool ManyAreFiles, Func<IBufferWriter<byte>, EpisodeWriter> Open)
{
    private const string Json = "application/json";
    private const string Ndjson = "application/x-ndjson";
    private const string Zip = "application/zip";

    /// <summary>All of them.</summary>
    public static readonly IReadOnlyList<ExportForm> All =
    [
        new(ExportFormat.Jsonl, "jsonl", new(".jsonl", Ndjson), new(".jsonl", Ndjson), false, static output => new JsonlWriter(output)),
        new(ExportFormat.Atif, "atif", new(".atif.json", Json), new(".atif.jsonl", Ndjson), false, static output => new AtifWriter(output)),
        new(ExportFormat.Sts, "sts", new(".sts.jsonl", Ndjson), new(".sts.zip", Zip), true, static output => new StsWriter(output)),
        new(ExportFormat.Traj, "traj", new(".traj", Json), new(".traj.zip", Zip), true, static output => new TrajWriter(output)),
        new(ExportFormat.Reference, "reference", new(".json", Json), new(".reference.jsonl", Ndjson), false, static output => new ReferenceWriter(output)),
    ];

    /// <summary>The names, in a sentence.</summary>
    public static string Names { get; } = string.Join(", ", All.Select(static form => form.Name));

    /// <summary>The format of a name; null where there is none.</summary>
    public static ExportForm? Find(string? name) => All.FirstOrDefault(form => form.Name == name);

    /// <summary>The format's row.</summary>
    public static ExportForm Of(ExportFormat format) => All.First(form => form.Format == format);
}
