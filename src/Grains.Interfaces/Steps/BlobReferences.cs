using System.Buffers;
using System.Text;
using System.Text.Json;

namespace Rollbook.Steps;

/// <summary>
/// References to large values, which are kept once by their hash and not in the step: <c>{"$blob":"&lt;SHA-256, 64 lower-case hexadecimal digits&gt;","bytes":n,"media_type":…}</c>.
/// Any object whose member <c>$blob</c> is such a string is one, wherever it stands in the step; what else it has is data. A <c>$blob</c> that is anything else, or
/// written with escapes, is data too.
/// </summary>
internal static class BlobReferences
{
    /// <summary>The digits of a hash.</summary>
    public const int HashLength = 64;

    private static readonly SearchValues<byte> Digits = SearchValues.Create("0123456789abcdef"u8);
    private static readonly SearchValues<char> DigitCharacters = SearchValues.Create("0123456789abcdef");

    // From the dollar on, which is rarer than a quote: the search is vectorised over its first and its last byte.
    private static ReadOnlySpan<byte> Mark => "$blob\":\""u8;

    /// <summary>Whether a text is a hash as a reference and the API name it.</summary>
    public static bool IsHash(ReadOnlySpan<char> text) => text.Length == HashLength && !text.ContainsAnyExcept(DigitCharacters);

    /// <summary>Finds the next reference in a canonical line.</summary>
    /// <param name="line">The line, without white space between its tokens.</param>
    /// <param name="at">Where to look from, 0 at first; afterwards behind what was found.</param>
    /// <param name="hash">The digits.</param>
    /// <returns>False where there is none.</returns>
    public static bool TryNext(ReadOnlySpan<byte> line, ref int at, out ReadOnlySpan<byte> hash)
    {
        while (true)
        {
            var found = line[at..].IndexOf(Mark);
            if (found < 0)
            {
                hash = default;
                return false;
            }

            var name = at + found;
            at = name + Mark.Length;
            // A quote within a string has a backslash before it, so these bytes begin a member's name and nothing else.
            if (name < 2 || line[name - 1] != '"' || line[name - 2] is not ((byte)'{' or (byte)',')) continue;
            if (!IsQuotedHash(line[at..])) continue;
            hash = line.Slice(at, HashLength);
            return true;
        }
    }

    /// <summary>Whether a canonical line has a reference.</summary>
    public static bool Any(ReadOnlySpan<byte> line)
    {
        var at = 0;
        return TryNext(line, ref at, out _);
    }

    /// <summary>Whether one of the steps has a reference: a look at each entry's head.</summary>
    public static bool Any(EncodedSteps steps)
    {
        for (var rest = steps.Bytes.Span; !rest.IsEmpty;)
        {
            var entry = StepEntry.Read(rest);
            if ((entry.Flags & StepFlags.Blobs) != 0) return true;
            rest = rest[entry.Length..];
        }

        return false;
    }

    /// <summary>The hashes that the steps name, each once, in the order in which they come.</summary>
    public static IReadOnlyCollection<string> Of(EncodedSteps steps)
    {
        var known = new HashSet<string>(StringComparer.Ordinal);
        var hashes = new List<string>();
        for (var rest = steps.Bytes.Span; !rest.IsEmpty;)
        {
            var entry = StepEntry.Read(rest);
            rest = rest[entry.Length..];
            if ((entry.Flags & StepFlags.Blobs) == 0) continue;
            var at = 0;
            while (TryNext(entry.Line, ref at, out var digits))
            {
                var hash = Encoding.ASCII.GetString(digits);
                if (known.Add(hash)) hashes.Add(hash);
            }
        }

        return hashes;
    }

    /// <summary>Whether the object at whose opening brace the reader stands begins with a reference's <c>$blob</c>.</summary>
    public static bool Begins(Utf8JsonReader reader) =>
        reader.TokenType == JsonTokenType.StartObject
        && reader.Read() && reader.TokenType == JsonTokenType.PropertyName && reader.ValueSpan.SequenceEqual("$blob"u8)
        && reader.Read() && reader.TokenType == JsonTokenType.String
        && reader.ValueSpan.Length == HashLength && !reader.ValueSpan.ContainsAnyExcept(Digits);

    private static bool IsQuotedHash(ReadOnlySpan<byte> text) =>
        text.Length > HashLength && text[HashLength] == '"' && !text[..HashLength].ContainsAnyExcept(Digits);
}
