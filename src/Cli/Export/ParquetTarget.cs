using Rollbook.Client;
using Rollbook.Export;
using Spectre.Console;

namespace Rollbook.Cli;

/// <summary>A directory with a Parquet file a table: <c>steps.parquet</c>, <c>episodes.parquet</c>, <c>scores.parquet</c>.</summary>
internal sealed class ParquetTarget(RollbookHttpClient client, string path, Existing existing, CliHost host, bool json)
{
    /// <returns>The exit code.</returns>
    public async Task<int> WriteAsync(IReadOnlyList<KeyValuePair<string, string>> parameters, CancellationToken cancellationToken)
    {
        var files = ExportTable.All.Select(table => (Table: table, Path: Path.Combine(path, table.Name + ".parquet"))).ToList();
        if (existing == Existing.Refuse && files.FirstOrDefault(file => File.Exists(file.Path)).Path is { } there)
            throw new CliException(ExitCode.Failed, "file_exists", $"'{there}' exists. Give --resume to leave the files alone that are there, or --force to replace them.");

        Directory.CreateDirectory(path);
        var lines = new HeldLines(host);
        var leftOut = new SortedDictionary<string, (string Tables, string Detail)>(StringComparer.Ordinal);
        var older = new List<(string EpisodeId, string File)>();
        try
        {
            await lines.WithProgressAsync("export", files.Count, async progress =>
            {
                foreach (var (table, file) in files)
                {
                    var kept = existing == Existing.Resume && File.Exists(file);
                    if (!kept)
                    {
                        await WholeFile.WriteAsync(file, async stream =>
                        {
                            await client.ExportAsync(
                                ExportTable.Format, [.. parameters, KeyValuePair.Create("table", table.Name), KeyValuePair.Create("damaged", "leave_out")], stream,
                                bytes =>
                                {
                                    if (progress is not null) progress.Description = string.Create(System.Globalization.CultureInfo.InvariantCulture, $"export, {bytes / 1048576.0:0.0} MiB of {table.Name}");
                                },
                                cancellationToken);
                            return 0;
                        });
                    }

                    // One that was there says itself what it lacked when it was written.
                    foreach (var each in LeftOutOf(file, kept))
                    {
                        if (kept)
                            older.Add((each.EpisodeId, file));
                        else
                            leftOut[each.EpisodeId] = (leftOut.TryGetValue(each.EpisodeId, out var before) ? $"{before.Tables}, {table.Name}" : table.Name, each.Detail);
                    }

                    progress?.Increment(1);
                    lines.Write(Line(table, file, kept));
                }
            });
        }
        finally
        {
            lines.Flush();
        }

        foreach (var (tables, detail) in leftOut.Values)
            CliMessages.Error(host, json, ExportReport.Damaged, $"Not in {tables}: {detail}");
        foreach (var (episodeId, file) in older)
            CliMessages.Error(host, json, ExportReport.Absent, $"Episode {episodeId} is not in '{file}', which an earlier run wrote: it was damaged then. Give --force to write the tables anew.");
        if (leftOut.Count > 0)
            ExportReport.TellCure(host, json, leftOut.Count);
        return leftOut.Count + older.Count == 0 ? ExitCode.Ok : ExitCode.Failed;
    }

    // What is left alone may be anything.
    private static IReadOnlyList<LeftOut> LeftOutOf(string file, bool kept)
    {
        try
        {
            return ExportTable.ReadLeftOut(file);
        }
        catch (Exception e) when (kept && e is not OutOfMemoryException)
        {
            return [];
        }
    }

    private string Line(ExportTable table, string file, bool kept)
    {
        var bytes = new FileInfo(file).Length;
        return json
            ? CliJson.Line(writer =>
            {
                writer.WriteString("table", table.Name);
                writer.WriteString("file", file);
                writer.WriteNumber("bytes", bytes);
                if (kept)
                    writer.WriteBoolean("kept", true);
            })
            : FormattableString.Invariant($"{table.Name,-8}  {bytes / 1048576.0,8:0.0} MiB  {TerminalText.Clean(file)}{(kept ? "  (was there)" : "")}");
    }
}
