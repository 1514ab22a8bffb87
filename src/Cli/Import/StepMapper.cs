using System.Buffers;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Rollbook.Cli;

/// <summary>One item of <c>trajectory[]</c> as a step's JSON line.</summary>
/// <remarks>
/// <c>action</c> → <c>action_type</c> (its first word) and <c>action_query</c> (all of it); <c>observation</c> → <c>observation_snapshot</c>;
/// <c>thought</c> and <c>response</c> stay; <c>execution_time</c> → <c>duration_ms</c>; everything but action, observation, thought and response is kept
/// in <c>extra</c> under its own name. Values are copied as bytes, never decoded and encoded again.
/// </remarks>
internal static class StepMapper
{
    private static readonly char[] Blanks = [' ', '\t', '\r', '\n', '\f', '\v'];

    public static byte[] Map(JsonElement item, int index)
    {
        if (item.ValueKind != JsonValueKind.Object)
            throw new ImportException($"trajectory[{index}] is not an object but {item.ValueKind.ToString().ToLowerInvariant()}.");

        // The last of two equal names counts, as in Python.
        var fields = new Dictionary<string, JsonElement>();
        var names = new Dictionary<string, byte[]>();
        foreach (var property in item.EnumerateObject())
        {
            var name = Name(property);
            fields[name] = property.Value;
            names[name] = JsonMarshal.GetRawUtf8PropertyName(property).ToArray();
        }

        var line = new ArrayBufferWriter<byte>(1024);
        line.Write("{\"action_type\":"u8);
        var isCommand = fields.TryGetValue("action", out var action) && action.ValueKind == JsonValueKind.String;
        WriteString(line, isCommand ? FirstWord(JsonText.Read(action)) : fields.ContainsKey("action") && action.ValueKind != JsonValueKind.Null ? "structured" : "none");
        if (isCommand)
            WriteField(line, "action_query", action);
        if (fields.TryGetValue("observation", out var observation))
            WriteField(line, "observation_snapshot", observation);
        if (fields.TryGetValue("execution_time", out var seconds) && seconds.ValueKind == JsonValueKind.Number
            && seconds.TryGetDouble(out var duration) && double.IsFinite(duration * 1000))
            WriteDuration(line, duration * 1000);
        var thought = WriteText(line, fields, "thought");
        var response = WriteText(line, fields, "response");

        var first = true;
        foreach (var (name, value) in fields)
        {
            if (name == "observation" || (name == "action" && isCommand) || (name == "thought" && thought) || (name == "response" && response))
                continue;

            line.Write(first ? ",\"extra\":{"u8 : ","u8);
            first = false;
            line.Write("\""u8);
            line.Write(names[name]);
            line.Write("\":"u8);
            RawJson.Write(line, value);
        }

        line.Write(first ? "}\n"u8 : "}}\n"u8);
        return line.WrittenSpan.ToArray();
    }

    /// <summary>The command's first word; <c>none</c> where the agent gave no command.</summary>
    private static string FirstWord(string command)
    {
        var trimmed = command.TrimStart(Blanks);
        var end = trimmed.IndexOfAny(Blanks);
        var word = end < 0 ? trimmed : trimmed[..end];
        return word.Length == 0 ? "none" : word;
    }

    /// <summary>Writes a field that is a text or null; false for any other value, which goes to extra.</summary>
    private static bool WriteText(ArrayBufferWriter<byte> line, Dictionary<string, JsonElement> fields, string name)
    {
        if (!fields.TryGetValue(name, out var value) || value.ValueKind is not (JsonValueKind.String or JsonValueKind.Null))
            return false;

        WriteField(line, name, value);
        return true;
    }

    private static void WriteField(ArrayBufferWriter<byte> line, string name, JsonElement value)
    {
        line.Write(","u8);
        WriteString(line, name);
        line.Write(":"u8);
        RawJson.Write(line, value);
    }

    private static void WriteDuration(ArrayBufferWriter<byte> line, double milliseconds)
    {
        line.Write(",\"duration_ms\":"u8);
        using var writer = new Utf8JsonWriter(line);
        writer.WriteNumberValue(milliseconds);
    }

    private static void WriteString(ArrayBufferWriter<byte> line, string text)
    {
        line.Write("\""u8);
        // Half a surrogate pair becomes U+FFFD: only in a word that the recorder groups by, never in what it keeps.
        line.Write(JsonEncodedText.Encode(Encoding.UTF8.GetBytes(text), JavaScriptEncoder.UnsafeRelaxedJsonEscaping).EncodedUtf8Bytes);
        line.Write("\""u8);
    }

    private static string Name(JsonProperty property)
    {
        try
        {
            return property.Name;
        }
        catch (InvalidOperationException)
        {
            // Half a surrogate pair: its spelling tells it apart as well.
            return Encoding.UTF8.GetString(JsonMarshal.GetRawUtf8PropertyName(property));
        }
    }
}
