using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Rollbook.Client;

/// <summary>
/// A JSON value as UTF-8 text, passed on as it stands: number texts and the order of members come back as they were given.
/// The default value is "absent", which is not JSON null.
/// </summary>
/// <example>
/// <code>
/// JsonValue a = JsonValue.Of(new { lines = 40 });
/// JsonValue b = JsonValue.Parse("""{"loss": 1.50}""");
/// JsonValue c = JsonNode.Parse("[1, 2]");
/// </code>
/// </example>
/// <param name="Utf8">The text; not to be changed afterwards. Empty = absent.</param>
public readonly record struct JsonValue(ReadOnlyMemory<byte> Utf8)
{
    /// <summary>Whether there is no value at all.</summary>
    public bool IsAbsent => Utf8.IsEmpty;

    /// <summary>The JSON of an object, by <see cref="JsonSerializer"/>.</summary>
    /// <param name="value">Anything that it can write; null = JSON null.</param>
    /// <param name="options">How to write it; null = the serializer's defaults.</param>
    public static JsonValue Of<T>(T value, JsonSerializerOptions? options = null) => new(JsonSerializer.SerializeToUtf8Bytes(value, options));

    /// <summary>A JSON text. It is checked when it is recorded, not here.</summary>
    public static JsonValue Parse(string json)
    {
        ArgumentNullException.ThrowIfNull(json);
        return new JsonValue(Encoding.UTF8.GetBytes(json));
    }

    /// <summary>A node; a null reference is absent.</summary>
    public static implicit operator JsonValue(JsonNode? node) => node is null ? default : Of(node);

    /// <summary>An element; an undefined one is absent.</summary>
    public static implicit operator JsonValue(JsonElement element) =>
        element.ValueKind == JsonValueKind.Undefined ? default : Parse(element.GetRawText());

    /// <summary>The value as an element; undefined where it is absent.</summary>
    /// <exception cref="JsonException">The text is not JSON.</exception>
    public JsonElement ToElement()
    {
        if (IsAbsent) return default;
        using var document = JsonDocument.Parse(Utf8, new JsonDocumentOptions { MaxDepth = JsonText.MaxDepth });
        return document.RootElement.Clone();
    }

    /// <summary>Whether both are the same text.</summary>
    public bool Equals(JsonValue other) => Utf8.Span.SequenceEqual(other.Utf8.Span);

    /// <inheritdoc/>
    public override int GetHashCode()
    {
        var hash = default(HashCode);
        hash.AddBytes(Utf8.Span);
        return hash.ToHashCode();
    }

    /// <summary>The text; empty where absent.</summary>
    public override string ToString() => Encoding.UTF8.GetString(Utf8.Span);
}
