using System.Globalization;
using Spectre.Console;

namespace Rollbook.Cli;

/// <summary>Writes what a check found.</summary>
internal static class LogReports
{
    public static void WriteTable(IAnsiConsole console, IReadOnlyList<LogReport> reports)
    {
        var table = new Table().Border(TableBorder.Simple);
        foreach (var heading in new[] { "log", "chunks", "frames", "episodes", "steps", "end" })
            table.AddColumn(new TableColumn(new Text(heading, new Style(Color.Grey))));
        for (var i = 1; i < 5; i++)
            table.Columns[i].RightAligned();
        foreach (var report in reports)
        {
            table.AddRow(
                new Text(report.Log.ToString()), Number(report.Held.Chunks), Number(report.Held.Frames), Number(report.Held.Episodes),
                Number(report.Held.Steps), new Text(report.Text, new Style(report.IsGood ? Color.Green : Color.Red)));
        }

        console.Write(table);
        console.Write(new Text($"{reports.Count} logs, {reports.Sum(report => report.Held.Steps)} steps; {reports.Count(report => !report.IsGood)} not good.\n"));
    }

    public static void WriteJson(TextWriter output, IEnumerable<LogReport> reports)
    {
        foreach (var report in reports)
            output.WriteLine(Json(report));
    }

    /// <summary>One log as a JSON line; <c>end</c> is clean, torn_tail, fenced, corrupt or other_format.</summary>
    public static string Json(LogReport report) => CliJson.Line(writer =>
    {
        writer.WriteString("log", report.Log.ToString());
        writer.WriteNumber("segments", report.Segments);
        writer.WriteNumber("chunks", report.Held.Chunks);
        writer.WriteNumber("frames", report.Held.Frames);
        writer.WriteNumber("episodes", report.Held.Episodes);
        writer.WriteNumber("steps", report.Held.Steps);
        if (report.FirstChunk is { } first)
            writer.WriteNumber("first_chunk", first);
        else
            writer.WriteNull("first_chunk");
        writer.WriteNumber("next_chunk", report.NextChunk);
        writer.WriteString("end", report.Ending switch
        {
            LogEnding.Clean => "clean",
            LogEnding.TornTail => "torn_tail",
            LogEnding.Fenced => "fenced",
            LogEnding.Corrupt => "corrupt",
            _ => "other_format",
        });
        writer.WriteNumber("torn_bytes", report.Fence?.TornBytes ?? report.TornBytes);
        if (report.Damage is { } damage)
        {
            writer.WriteStartObject("damage");
            writer.WriteNumber("chunk", damage.Chunk);
            writer.WriteString("file", damage.File);
            writer.WriteNumber("offset", damage.Offset);
            writer.WriteString("reason", damage.Reason);
            writer.WriteEndObject();
        }

        if (report.Behind.Chunks > 0)
        {
            writer.WriteStartObject("behind");
            writer.WriteNumber("chunks", report.Behind.Chunks);
            writer.WriteNumber("steps", report.Behind.Steps);
            writer.WriteStartObject("steps_of_episodes");
            foreach (var (episode, steps) in report.Behind.StepsOfEpisodes.OrderBy(pair => pair.Key.ToString(), StringComparer.Ordinal))
                writer.WriteNumber(episode.ToString(), steps);
            writer.WriteEndObject();
            writer.WriteEndObject();
        }
    });

    private static Text Number(long value) => new(value.ToString("N0", CultureInfo.InvariantCulture));
}
