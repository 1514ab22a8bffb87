using System.Buffers;
using System.Runtime.InteropServices;
using System.Text.Json;

namespace Rollbook.Cli;

/// <summary>A JSON object of the recorder, whose members are passed on as the bytes that came.</summary>
internal sealed class RawObject : IDisposable
{
    private static readonly JsonDocumentOptions Options = new() { MaxDepth = 512 };
    private readonly JsonDocument _document;

    public RawObject(ReadOnlyMemory<byte> json)
    {
        _document = JsonDocument.Parse(json, Options);
        if (_document.RootElement.ValueKind != JsonValueKind.Object)
            throw new JsonException("no object");
    }

    /// <summary>The member's value, or null where it is absent or null.</summary>
    public JsonElement? this[string name] =>
        _document.RootElement.TryGetProperty(name, out var value) && value.ValueKind != JsonValueKind.Null ? value : null;

    /// <summary>True where the member is there, null included.</summary>
    public bool Has(string name) => _document.RootElement.TryGetProperty(name, out _);

    /// <summary>The member as text: a string's content, anything else's JSON; null where it is absent or null.</summary>
    public string? Text(string name) => this[name] is { } value ? JsonText.Read(value) : null;

    /// <summary>The member as a number; NaN and infinities come as their names.</summary>
    public double? Number(string name) => this[name] is { } value
        && double.TryParse(JsonText.Read(value), System.Globalization.CultureInfo.InvariantCulture, out var number) ? number : null;

    /// <summary>Writes these members in this order; one that is absent gets its default.</summary>
    public void WriteMembers(IBufferWriter<byte> output, IEnumerable<KeyValuePair<string, string>> namesAndDefaults)
    {
        var separator = (byte)'{';
        foreach (var (name, otherwise) in namesAndDefaults)
        {
            output.Write([separator, (byte)'"']);
            output.Write(System.Text.Encoding.UTF8.GetBytes(name));
            output.Write("\":"u8);
            if (_document.RootElement.TryGetProperty(name, out var value) && (value.ValueKind != JsonValueKind.Null || otherwise == "null"))
                RawJson.Write(output, value);
            else
                output.Write(System.Text.Encoding.UTF8.GetBytes(otherwise));
            separator = (byte)',';
        }
    }

    /// <summary>Writes all members but these, without the closing brace.</summary>
    public void WriteAllBut(IBufferWriter<byte> output, params ReadOnlySpan<string> left)
    {
        var separator = (byte)'{';
        foreach (var property in _document.RootElement.EnumerateObject())
        {
            if (IsOneOf(property, left))
                continue;
            output.Write([separator, (byte)'"']);
            output.Write(JsonMarshal.GetRawUtf8PropertyName(property));
            output.Write("\":"u8);
            RawJson.Write(output, property.Value);
            separator = (byte)',';
        }

        if (separator == (byte)'{')
            output.Write("{"u8);
    }

    private static bool IsOneOf(JsonProperty property, ReadOnlySpan<string> names)
    {
        foreach (var name in names)
        {
            if (property.NameEquals(name))
                return true;
        }

        return false;
    }

    public void Dispose() => _document.Dispose();
}
