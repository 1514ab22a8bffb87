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

    public static string Error(string code, string message) => Line(writer =>
    {
        writer.WriteString("code", code);
        writer.WriteString("error", message);
    });
}
