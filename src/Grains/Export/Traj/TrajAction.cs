using System.Text;
using System.Text.Json;

namespace Rollbook.Export;

/// <summary>An action as the one command line that SWE-agent has.</summary>
internal static class TrajAction
{
    /// <summary>
    /// The query where it is the whole command, as it is in an imported trajectory; else type, path and query with blanks between, and the content on the lines
    /// behind them.
    /// </summary>
    public static string Text(StepFields fields)
    {
        var type = Text(fields[StepField.ActionType]) ?? "";
        var path = Text(fields[StepField.ActionPath]);
        var query = Text(fields[StepField.ActionQuery]);
        var content = Text(fields[StepField.ActionContent]);
        if (query is not null && string.IsNullOrEmpty(path) && content is null && IsWhole(query, type)) return query;
        var text = new StringBuilder(type);
        foreach (var part in new[] { path, query })
        {
            if (!string.IsNullOrEmpty(part)) text.Append(' ').Append(part);
        }

        if (content is not null) text.Append('\n').Append(content);
        return text.ToString();
    }

    // The import takes a command's first word for its type, "none" where there is no word.
    private static bool IsWhole(string query, string type)
    {
        var command = query.AsSpan().TrimStart();
        if (command.IsEmpty) return type == "none";
        return command.StartsWith(type, StringComparison.Ordinal) && (command.Length == type.Length || char.IsWhiteSpace(command[type.Length]));
    }

    private static string? Text(ReadOnlySpan<byte> json)
    {
        if (json.IsEmpty) return null;
        // A reference to a large value stands for its text.
        if (json[0] == '{') return Encoding.UTF8.GetString(json);
        var reader = new Utf8JsonReader(json);
        reader.Read();
        return reader.GetString();
    }
}
