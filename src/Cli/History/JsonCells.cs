using System.Globalization;
using System.Text.Json;

namespace Rollbook.Cli;

/// <summary>Values of the recorder's JSON as cells of a table.</summary>
internal static class JsonCells
{
    private const int CellLength = 200;

    /// <summary>A member's number; null where it is absent or null.</summary>
    public static double? Number(JsonElement row, string name)
    {
        if (!row.TryGetProperty(name, out var value))
            return null;
        return value.ValueKind switch
        {
            JsonValueKind.Number => value.GetDouble(),
            JsonValueKind.String => value.GetString() switch
            {
                "NaN" => double.NaN,
                "Infinity" => double.PositiveInfinity,
                "-Infinity" => double.NegativeInfinity,
                _ => null,
            },
            _ => null,
        };
    }

    /// <summary>A member as text on one line, harmless to a terminal.</summary>
    public static string Text(JsonElement row, string name) => row.TryGetProperty(name, out var value) ? Text(value) : "";

    /// <summary>A value as text on one line, harmless to a terminal.</summary>
    public static string Text(JsonElement value) => value.ValueKind == JsonValueKind.Null ? "" : TerminalText.OneLine(JsonText.Read(value), CellLength);

    /// <summary>A share as per cent.</summary>
    public static string Percent(double? share) => share is null ? "" : (share.Value * 100).ToString("0.#", CultureInfo.InvariantCulture) + " %";

    /// <summary>Says on the standard error which logs did not answer.</summary>
    public static void NoteMissing(CliHost host, bool json, JsonElement answer)
    {
        if (answer.TryGetProperty("complete", out var complete) && complete.ValueKind == JsonValueKind.False)
        {
            var missing = answer.TryGetProperty("missing", out var logs) ? string.Join(", ", logs.EnumerateArray().Select(JsonText.Read)) : "";
            CliMessages.Note(host, json, $"some logs did not answer, so that their newest episodes are missing: {missing}");
        }
    }
}
