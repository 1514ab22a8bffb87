using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Rollbook.Client;

/// <summary>Request bodies, written by hand so that raw JSON values pass through untouched.</summary>
internal static class HttpBodies
{
    private static readonly JsonWriterOptions Compact = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static byte[] Write(Action<Utf8JsonWriter> members)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(buffer, Compact))
        {
            writer.WriteStartObject();
            members(writer);
            writer.WriteEndObject();
        }

        return buffer.WrittenSpan.ToArray();
    }

    public static void Optional(Utf8JsonWriter writer, string name, string? value)
    {
        if (value is not null)
            writer.WriteString(name, value);
    }

    public static void Optional(Utf8JsonWriter writer, string name, long? value)
    {
        if (value is not null)
            writer.WriteNumber(name, value.Value);
    }

    public static void Number(Utf8JsonWriter writer, string name, double? value)
    {
        if (value is null)
            return;

        if (double.IsFinite(value.Value))
            writer.WriteNumber(name, value.Value);
        else
            writer.WriteString(name, double.IsNaN(value.Value) ? "NaN" : value.Value > 0 ? "Infinity" : "-Infinity");
    }

    public static void Texts(Utf8JsonWriter writer, string name, IReadOnlyList<string> values)
    {
        writer.WriteStartArray(name);
        foreach (var value in values)
            writer.WriteStringValue(value);
        writer.WriteEndArray();
    }

    public static void Raw(Utf8JsonWriter writer, string name, ReadOnlyMemory<byte> json)
    {
        if (json.IsEmpty)
            return;

        writer.WritePropertyName(name);
        writer.WriteRawValue(json.Span);
    }
}
