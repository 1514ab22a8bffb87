using System.Buffers;
using System.Buffers.Text;
using System.Text.Json;

namespace Rollbook.Steps;

/// <summary>What is done to raw JSON texts that have been read once by a <see cref="Utf8JsonReader"/>.</summary>
internal static class JsonText
{
    /// <summary>The deepest nesting taken.</summary>
    public const int MaxDepth = 256;

    private static readonly SearchValues<byte> SpaceOrQuote = SearchValues.Create(" \t\r\n\""u8);
    private static readonly SearchValues<byte> QuoteOrEscape = SearchValues.Create("\"\\"u8);

    /// <summary>Reads over the value at which the reader stands and checks its strings.</summary>
    /// <returns>True if there is white space between its tokens.</returns>
    /// <exception cref="JsonFault">A string in it has half of a surrogate pair.</exception>
    public static bool Skip(ref Utf8JsonReader reader)
    {
        if (reader.TokenType == JsonTokenType.String) CheckString(ref reader);
        if (reader.TokenType is not (JsonTokenType.StartObject or JsonTokenType.StartArray)) return false;
        var depth = reader.CurrentDepth;
        var spaced = false;
        var end = reader.BytesConsumed;
        var first = true;
        while (true)
        {
            reader.Read();
            var token = reader.TokenType;
            var start = reader.TokenStartIndex;
            var closes = token is JsonTokenType.EndObject or JsonTokenType.EndArray;
            // Between tokens stands one comma or colon, but nothing behind an opening or before a closing bracket.
            if (start - end != (first || closes ? 0 : 1)) spaced = true;
            first = token is JsonTokenType.StartObject or JsonTokenType.StartArray;
            if (token == JsonTokenType.PropertyName)
            {
                CheckString(ref reader);
                end = start + reader.ValueSpan.Length + 2;
                continue;
            }

            if (token == JsonTokenType.String) CheckString(ref reader);
            end = reader.BytesConsumed;
            if (closes && reader.CurrentDepth == depth) return spaced;
        }
    }

    /// <summary>Refuses an escaped half of a surrogate pair, which no UTF-8 text can hold.</summary>
    /// <exception cref="JsonFault">The string or name at which the reader stands has one.</exception>
    public static void CheckString(ref Utf8JsonReader reader)
    {
        if (reader.ValueIsEscaped && HasLoneSurrogate(reader.ValueSpan))
            throw new JsonFault(reader.TokenStartIndex, "A \\u escape is half of a surrogate pair, which stands for no character.");
    }

    /// <summary>Copies a valid JSON text without the white space between its tokens.</summary>
    /// <returns>Bytes written, at most the source's length.</returns>
    public static int Compact(ReadOnlySpan<byte> source, Span<byte> target)
    {
        var written = 0;
        while (true)
        {
            var run = source.IndexOfAny(SpaceOrQuote);
            if (run < 0) run = source.Length;
            else if (source[run] == '"') run = StringEnd(source, run + 1);
            source[..run].CopyTo(target[written..]);
            written += run;
            source = source[run..];
            if (source.IsEmpty) return written;
            if (source[0] <= ' ') source = source[1..];
        }
    }

    private static int StringEnd(ReadOnlySpan<byte> source, int at)
    {
        while (true)
        {
            at += source[at..].IndexOfAny(QuoteOrEscape);
            if (source[at] == '"') return at + 1;
            at += 2;
        }
    }

    private static bool HasLoneSurrogate(ReadOnlySpan<byte> text)
    {
        while (true)
        {
            var at = text.IndexOf((byte)'\\');
            if (at < 0) return false;
            text = text[at..];
            if (text[1] != 'u')
            {
                text = text[2..];
                continue;
            }

            var code = Hex(text);
            text = text[6..];
            if (code is < 0xD800 or > 0xDFFF) continue;
            if (code >= 0xDC00 || text.Length < 6 || text[0] != '\\' || text[1] != 'u' || Hex(text) is < 0xDC00 or > 0xDFFF) return true;
            text = text[6..];
        }
    }

    private static int Hex(ReadOnlySpan<byte> escape) =>
        Utf8Parser.TryParse(escape.Slice(2, 4), out int code, out _, 'x') ? code : 0;
}
