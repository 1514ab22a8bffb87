using System.Globalization;
using Spectre.Console;

namespace Rollbook.Cli;

/// <summary>Writes what a check of the archive found.</summary>
internal static class ArchiveReports
{
    public static void WriteText(IAnsiConsole console, IReadOnlyList<ArchiveReport> reports)
    {
        foreach (var report in reports)
        {
            var what = report.Project is { } project
                ? string.Create(CultureInfo.InvariantCulture, $"archive of {project}: {report.Packs} packs, {report.Files} files, {report.Bytes:N0} bytes, {report.Steps:N0} steps; ")
                : string.Create(CultureInfo.InvariantCulture, $"indexes: {report.Files} files, {report.Bytes:N0} bytes; ");
            console.Write(new Text(what));
            console.Write(new Text(report.IsGood ? "all good.\n" : $"{report.Faults.Count} not good.\n", new Style(report.IsGood ? Color.Green : Color.Red)));
            foreach (var fault in report.Faults)
            {
                console.Write(new Text($"{fault.File}: {fault.Reason}.\n", new Style(Color.Red)));
                console.Write(new Text($"  {fault.Cure}\n"));
            }
        }
    }

    public static void WriteJson(TextWriter output, IEnumerable<ArchiveReport> reports)
    {
        foreach (var report in reports) output.WriteLine(Json(report));
    }

    /// <summary>One project as a JSON line, or with <c>"indexes": true</c> the indexes; <c>end</c> is good or damaged.</summary>
    public static string Json(ArchiveReport report) => CliJson.Line(writer =>
    {
        if (report.Project is { } project)
        {
            writer.WriteString("project", project);
            writer.WriteNumber("manifest_version", report.Version);
            writer.WriteNumber("packs", report.Packs);
            writer.WriteNumber("steps", report.Steps);
        }
        else
        {
            writer.WriteBoolean("indexes", true);
        }

        writer.WriteNumber("files", report.Files);
        writer.WriteNumber("bytes", report.Bytes);
        writer.WriteString("end", report.IsGood ? "good" : "damaged");
        writer.WriteStartArray("faults");
        foreach (var fault in report.Faults)
        {
            writer.WriteStartObject();
            writer.WriteString("file", fault.File);
            writer.WriteString("reason", fault.Reason);
            writer.WriteString("cure", fault.Cure);
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
    });
}
