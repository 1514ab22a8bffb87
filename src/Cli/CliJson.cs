using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Rollbook.Cli;

/// <summary>The JSON lines that the program itself writes.</summary>
internal static class CliJson
{
    private static readonly JsonWriterOptions Compact = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static string Line(Action<Utf8JsonWriter> members)
    {
        using var stream = new MemoryStream();
        using (var writer = new Utf8JsonWriter(stream, Compact))
        {
            writer.WriteStartObject();
            members(writer);
            writer.WriteEndObject();
        }

        return Encoding.UTF8.GetString(stream.GetBuffer(), 0, (int)stream.Length);
    }

    /// <summary>A number or null; what JSON has no token for goes by its name, as in the recorder's API.</summary>
    public static void Number(Utf8JsonWriter writer, string name, double? value)
    {
        if (value is null)
            writer.WriteNull(name);
        else if (double.IsFinite(value.Value))
            writer.WriteNumber(name, value.Value);
        else
            writer.WriteString(name, double.IsNaN(value.Value) ? "NaN" : value.Value > 0 ? "Infinity" : "-Infinity");
    }

    public static string Error(string code, string message) => Line(writer =>
    {
        writer.WriteString("code", code);
        writer.WriteString("error", message);
    });
}
