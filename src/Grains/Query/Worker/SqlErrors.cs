using System.Globalization;
using System.Text;
using System.Text.Json;

namespace Rollbook.Query;

/// <summary>The engine's errors, which it gives as JSON, as sentences with a place.</summary>
internal static class SqlErrors
{
    /// <summary>What is said where memory was not enough.</summary>
    public const string Memory = "The statement needs more memory than it may take. Read fewer columns or rows: filter before you join, group or sort.";

    /// <summary>What is said where the statement would leave its bounds.</summary>
    public const string Denied = "Statements read the views episodes, steps and scores, and nothing else: no other files, no network, no settings, no extensions. ";

    /// <summary>The error as an exception.</summary>
    public static SqlRefusedException Exception(string message, string sql)
    {
        var (refusal, text, line, column) = Of(message, sql);
        return new SqlRefusedException(refusal, text) { Line = line, Column = column };
    }

    /// <summary>The error of a message of the engine.</summary>
    public static SqlWire.Refused Of(string message, string sql)
    {
        var brace = message.IndexOf('{', StringComparison.Ordinal);
        try
        {
            using var json = JsonDocument.Parse(brace >= 0 ? message.AsMemory(brace) : ReadOnlyMemory<char>.Empty);
            var type = json.RootElement.GetProperty("exception_type").GetString();
            var text = json.RootElement.GetProperty("exception_message").GetString() ?? "";
            if (type == "Out of Memory") return new SqlWire.Refused(SqlRefusal.Limit, Memory, null, null);
            if (type == "Permission") text = Denied + text;
            if (!json.RootElement.TryGetProperty("position", out var at) || !int.TryParse(at.GetString(), NumberStyles.None, CultureInfo.InvariantCulture, out var offset))
                return new SqlWire.Refused(SqlRefusal.Bad, $"{type} error: {text}", null, null);
            var (line, column) = Place(sql, offset);
            return new SqlWire.Refused(SqlRefusal.Bad, $"{type} error: {text}", line, column);
        }
        catch (Exception error) when (error is JsonException or KeyNotFoundException or InvalidOperationException)
        {
            return new SqlWire.Refused(SqlRefusal.Bad, message, null, null);
        }
    }

    /// <summary>1-based line and character of a place given in bytes.</summary>
    private static (int Line, int Column) Place(string sql, int offset)
    {
        var bytes = Encoding.UTF8.GetBytes(sql);
        var before = Encoding.UTF8.GetString(bytes.AsSpan(0, Math.Min(offset, bytes.Length)));
        var start = before.LastIndexOf('\n') + 1;
        return (before.Count(c => c == '\n') + 1, before.Length - start + 1);
    }
}
