using System.Text;
using System.Text.Json;
using System.Text.Unicode;

namespace Rollbook.Steps;

/// <summary>Finds the JSON pointer of a bad place by reading again: the reader of the hot path keeps no path.</summary>
internal static class JsonPointers
{
    private const int MaxLength = 1000;
    private const int Unnamed = int.MinValue;

    /// <summary>The pointer of the token at or before <paramref name="position"/>, or of the place at which the text stops being JSON.</summary>
    public static string Find(ReadOnlySpan<byte> json, long position, int maxDepth)
    {
        var reader = new Utf8JsonReader(json, new JsonReaderOptions { MaxDepth = maxDepth });
        var path = new List<Part>();
        try
        {
            while (reader.Read())
            {
                Enter(ref reader, path);
                if (End(ref reader) > position) break;
                Leave(ref reader, path);
            }
        }
        catch (JsonException)
        {
            // Where the reader stopped is the answer. The element of an array at which it stopped has not been entered yet.
            NextElement(path);
        }

        return Text(path);
    }

    /// <summary>Where the first byte stands that is not UTF-8; -1 = all is.</summary>
    public static int FirstInvalidUtf8(ReadOnlySpan<byte> text)
    {
        if (Utf8.IsValid(text)) return -1;
        var at = 0;
        while (Rune.DecodeFromUtf8(text[at..], out _, out var used) == System.Buffers.OperationStatus.Done) at += used;
        return at;
    }

    private static void Enter(ref Utf8JsonReader reader, List<Part> path)
    {
        switch (reader.TokenType)
        {
            case JsonTokenType.PropertyName:
                path[^1] = new Part(Name(ref reader), 0);
                break;
            case JsonTokenType.EndObject or JsonTokenType.EndArray:
                path.RemoveAt(path.Count - 1);
                break;
            default:
                NextElement(path);
                break;
        }
    }

    private static void Leave(ref Utf8JsonReader reader, List<Part> path)
    {
        if (reader.TokenType == JsonTokenType.StartObject) path.Add(new Part(null, Unnamed));
        if (reader.TokenType == JsonTokenType.StartArray) path.Add(new Part(null, -1));
    }

    private static void NextElement(List<Part> path)
    {
        if (path.Count > 0 && path[^1] is { Name: null, Index: >= -1 } array) path[^1] = array with { Index = array.Index + 1 };
    }

    private static string Name(ref Utf8JsonReader reader)
    {
        try
        {
            return reader.GetString()!;
        }
        catch (InvalidOperationException)
        {
            // Half a surrogate pair or bytes that are not UTF-8: shown as it stands.
            return Encoding.UTF8.GetString(reader.ValueSpan);
        }
    }

    private static long End(ref Utf8JsonReader reader) =>
        reader.TokenType == JsonTokenType.PropertyName ? reader.TokenStartIndex + reader.ValueSpan.Length + 2 : reader.BytesConsumed;

    private static string Text(List<Part> path)
    {
        var text = new StringBuilder();
        foreach (var part in path)
        {
            // An object in which no name has been read yet adds nothing: the object itself is the place.
            if (part is { Name: null, Index: Unnamed }) continue;
            text.Append('/').Append(part.Name?.Replace("~", "~0", StringComparison.Ordinal).Replace("/", "~1", StringComparison.Ordinal) ?? $"{part.Index}");
            if (text.Length > MaxLength) return text.ToString(0, MaxLength) + "…";
        }

        return text.ToString();
    }

    private readonly record struct Part(string? Name, int Index);
}
