using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace Rollbook.Bodies;

/// <summary>The fields of a small body: one JSON object whose every field is known, each given once at most.</summary>
internal sealed class JsonFields
{
    private readonly Dictionary<string, Field> fields = [];

    /// <summary>Reads a body. An empty one is an empty object.</summary>
    /// <param name="body">The body.</param>
    /// <param name="known">The names that it may have. Others are refused: what isn't understood must not be dropped in silence.</param>
    /// <exception cref="BadJsonException">It is no such object.</exception>
    public static JsonFields Read(ReadOnlySpan<byte> body, params ReadOnlySpan<string> known)
    {
        var invalid = JsonPointers.FirstInvalidUtf8(body);
        if (invalid >= 0) throw new BadJsonException("The body is not UTF-8.", JsonPointers.Find(body, invalid, JsonText.MaxDepth));
        var result = new JsonFields();
        if (body.Trim(" \t\r\n"u8).IsEmpty) return result;
        try
        {
            var reader = new Utf8JsonReader(body, new JsonReaderOptions { MaxDepth = JsonText.MaxDepth });
            reader.Read();
            if (reader.TokenType != JsonTokenType.StartObject) throw new JsonFault(0, "The body must be a JSON object.");
            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName) result.ReadField(ref reader, body, known);
            reader.Read();
            return result;
        }
        catch (JsonFault fault)
        {
            throw new BadJsonException(fault.Message, JsonPointers.Find(body, fault.Position, JsonText.MaxDepth));
        }
        catch (JsonException error)
        {
            throw new BadJsonException(error.Message, JsonPointers.Find(body, long.MaxValue, JsonText.MaxDepth));
        }
    }

    /// <summary>Whether a field is given, be it null.</summary>
    public bool Has(string name) => fields.ContainsKey(name);

    /// <summary>A text; null where it is absent or null.</summary>
    public string? Text(string name) => Find(name) switch
    {
        null => null,
        { Type: JsonTokenType.String } field => field.Text,
        _ => throw Wrong(name, "must be a string"),
    };

    /// <summary>A text of 1 to 256 printable characters; null where it is absent or null.</summary>
    public string? Name(string name)
    {
        var text = Text(name);
        if (text is null) return null;
        var count = 0;
        foreach (var rune in text.EnumerateRunes())
        {
            count++;
            if (Rune.GetUnicodeCategory(rune) is System.Globalization.UnicodeCategory.Control
                or System.Globalization.UnicodeCategory.LineSeparator or System.Globalization.UnicodeCategory.ParagraphSeparator)
                throw Wrong(name, "must have no control characters");
        }

        return count is >= 1 and <= 256 ? text : throw Wrong(name, "must have 1 to 256 characters");
    }

    /// <summary>A number; null where it is absent or null.</summary>
    /// <param name="name">The field.</param>
    /// <param name="named">Whether "NaN", "Infinity" and "-Infinity" are taken.</param>
    public double? Number(string name, bool named)
    {
        if (Find(name) is not { } field) return null;
        var reader = field.Reader();
        if (reader.TokenType == JsonTokenType.Number && reader.TryGetDouble(out var value) && double.IsFinite(value)) return value;
        if (named && JsonNumbers.TryNamed(ref reader, out value)) return value;
        throw Wrong(name, named ? "must be a number, or \"NaN\", \"Infinity\", \"-Infinity\"" : "must be a finite number");
    }

    /// <summary>An integer; null where it is absent or null.</summary>
    public long? Integer(string name, long min = long.MinValue, long max = long.MaxValue)
    {
        if (Find(name) is not { } field) return null;
        var reader = field.Reader();
        if (reader.TokenType == JsonTokenType.Number && reader.TryGetInt64(out var value) && value >= min && value <= max) return value;
        throw Wrong(name, $"must be an integer from {min} to {max}");
    }

    /// <summary>True or false; false where it is absent or null.</summary>
    public bool Flag(string name) => Find(name)?.Type switch
    {
        null or JsonTokenType.False => false,
        JsonTokenType.True => true,
        _ => throw Wrong(name, "must be true or false"),
    };

    /// <summary>An episode id; null where it is absent or null.</summary>
    public EpisodeId? Episode(string name)
    {
        if (Text(name) is not { } text) return null;
        return EpisodeId.TryParse(text, out var id) ? id : throw Wrong(name, "must be a ULID of 26 characters");
    }

    /// <summary>A value's text as received, white space between tokens left out; null where it is absent or null.</summary>
    public string? Raw(string name, bool mustBeObject)
    {
        if (Find(name) is not { } field) return null;
        if (mustBeObject && field.Type != JsonTokenType.StartObject) throw Wrong(name, "must be an object");
        return Encoding.UTF8.GetString(field.Json);
    }

    /// <summary>A field that the body must have.</summary>
    public static T Required<T>(string name, T? value)
        where T : class => value ?? throw Wrong(name, "is required");

    /// <summary>A field that the body must have.</summary>
    public static T Required<T>(string name, T? value)
        where T : struct => value ?? throw Wrong(name, "is required");

    /// <summary>The refusal of a field.</summary>
    public static BadJsonException Wrong(string name, string rule) => new($"{name} {rule}.", $"/{name}");

    /// <summary>The first 16 bytes of SHA-256 of the given fields in the given order, so that the order and spacing of a body don't matter.</summary>
    public UInt128 Hash(params ReadOnlySpan<string> names)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var name in names)
        {
            if (Find(name) is not { } field) continue;
            hash.AppendData(Encoding.UTF8.GetBytes($"\"{name}\":"));
            hash.AppendData(field.Json);
            hash.AppendData(","u8);
        }

        Span<byte> digest = stackalloc byte[SHA256.HashSizeInBytes];
        hash.GetHashAndReset(digest);
        return BinaryPrimitives.ReadUInt128BigEndian(digest);
    }

    private Field? Find(string name) => fields.TryGetValue(name, out var field) && field.Type != JsonTokenType.Null ? field : null;

    private void ReadField(ref Utf8JsonReader reader, ReadOnlySpan<byte> body, scoped ReadOnlySpan<string> known)
    {
        var at = reader.TokenStartIndex;
        JsonText.CheckString(ref reader);
        var name = reader.GetString()!;
        if (!known.Contains(name)) throw new JsonFault(at, "The field is not known here.");
        reader.Read();
        var type = reader.TokenType;
        var start = (int)reader.TokenStartIndex;
        JsonText.Skip(ref reader);
        var raw = body[start..(int)reader.BytesConsumed];
        var json = new byte[raw.Length];
        json = json[..JsonText.Compact(raw, json)];
        var text = type == JsonTokenType.String ? reader.GetString() : null;
        if (!fields.TryAdd(name, new Field(type, json, text))) throw new JsonFault(at, $"{name} is given twice.");
    }

    private sealed record Field(JsonTokenType Type, byte[] Json, string? Text)
    {
        public Utf8JsonReader Reader()
        {
            var reader = new Utf8JsonReader(Json);
            reader.Read();
            return reader;
        }
    }
}
