using System.Globalization;
using System.Text.Json;

namespace Rollbook.Episodes;

/// <summary>Fields of the JSON in frames: what is absent is not written, and numbers that are not finite are texts.</summary>
internal static class FrameJson
{
    /// <summary>Fields are written once each by our own code.</summary>
    public static readonly JsonWriterOptions Raw = new() { SkipValidation = true };

    public static void WriteText(Utf8JsonWriter json, ReadOnlySpan<byte> name, string? value)
    {
        if (value is not null) json.WriteString(name, value);
    }

    public static void WriteNumber(Utf8JsonWriter json, ReadOnlySpan<byte> name, double? value)
    {
        if (value is not { } number) return;
        if (double.IsFinite(number)) json.WriteNumber(name, number);
        else json.WriteString(name, number.ToString(CultureInfo.InvariantCulture));
    }

    /// <summary>A number whose null says something: it is written.</summary>
    public static void WriteNumberOrNull(Utf8JsonWriter json, ReadOnlySpan<byte> name, double? value)
    {
        if (value is null) json.WriteNull(name);
        else WriteNumber(json, name, value);
    }

    public static void WriteHash(Utf8JsonWriter json, ReadOnlySpan<byte> name, UInt128 value) =>
        json.WriteString(name, value.ToString("x32", CultureInfo.InvariantCulture));

    public static void WriteTexts(Utf8JsonWriter json, ReadOnlySpan<byte> name, IEnumerable<string> values)
    {
        json.WriteStartArray(name);
        foreach (var value in values) json.WriteStringValue(value);
        json.WriteEndArray();
    }

    public static string? Text(JsonElement json, ReadOnlySpan<byte> name) =>
        json.TryGetProperty(name, out var value) ? value.GetString() : null;

    public static long? Integer(JsonElement json, ReadOnlySpan<byte> name) =>
        json.TryGetProperty(name, out var value) ? value.GetInt64() : null;

    public static double? Number(JsonElement json, ReadOnlySpan<byte> name) => json.TryGetProperty(name, out var value) ? Number(value) : null;

    public static double? Number(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Null => null,
        JsonValueKind.Number => value.GetDouble(),
        _ => double.Parse(value.GetString()!, CultureInfo.InvariantCulture),
    };

    public static UInt128 Hash(JsonElement json, ReadOnlySpan<byte> name) => Text(json, name) is { } hash ? Hash(hash) : default;

    public static UInt128 Hash(string text) => UInt128.Parse(text, NumberStyles.HexNumber, CultureInfo.InvariantCulture);

    public static string[] Texts(JsonElement json, ReadOnlySpan<byte> name) =>
        json.TryGetProperty(name, out var values) ? [.. values.EnumerateArray().Select(static v => v.GetString()!)] : [];
}
