using CsCheck;

namespace Rollbook.Cli.Tests.Import;

/// <summary>A JSON text in two spellings: with white space between its tokens, and without.</summary>
internal sealed record RawJsonText(string Spaced, string Compact);

/// <summary>Random JSON as other programs spell it: escapes that need none, long numbers, half surrogate pairs, equal keys.</summary>
internal static class RawJsonGen
{
    private static readonly Gen<string> Blank = Gen.OneOf("", "", " ", "\n", "\r\n\t", "   ");

    private static readonly Gen<string> Piece = Gen.OneOf(
        Gen.Char['a', 'z'].Select(c => c.ToString()),
        Gen.OneOf(
            " ", "  ", "é", "😀", "\u2028", "\u202e", "\u007f", "[", "]", "{", "}", ",", ":", "\\\"", "\\\\", "\\/", "\\n", "\\u000a", "\\u0041", "\\ud83d\\ude00", "\\ud800", "\\udc00",
            "\\u001b[31m"));

    private static readonly Gen<string> Number = Gen.OneOf(
        Gen.Int.Select(n => n.ToString()),
        Gen.OneOf("-0", "1.0", "1.50", "0.1e-7", "1E+400", "-1e400", "123456789012345678901234567890", "0.30000000000000004"));

    public static readonly Gen<RawJsonText> String = Piece.Array[0, 12].Select(pieces => Same("\"" + string.Concat(pieces) + "\""));

    public static readonly Gen<RawJsonText> Value = Nested(3);

    private static Gen<RawJsonText> Nested(int depth)
    {
        var leaf = Gen.OneOf(String, Number.Select(Same), Gen.OneOf("true", "false", "null").Select(Same));
        if (depth == 0)
            return leaf;

        var inner = Nested(depth - 1);
        var array = Gen.Select(inner.Array[0, 4], Blank).Select((items, blank) => new RawJsonText(
            "[" + blank + string.Join(blank + "," + blank, items.Select(item => item.Spaced)) + blank + "]",
            "[" + string.Join(',', items.Select(item => item.Compact)) + "]"));
        var members = Gen.Select(String, inner, Blank).Select((name, value, blank) => new RawJsonText(
            name.Spaced + blank + ":" + blank + value.Spaced, name.Compact + ":" + value.Compact));
        var map = Gen.Select(members.Array[0, 4], Blank).Select((items, blank) => new RawJsonText(
            "{" + blank + string.Join("," + blank, items.Select(item => item.Spaced)) + blank + "}",
            "{" + string.Join(',', items.Select(item => item.Compact)) + "}"));
        return Gen.OneOf(leaf, array, map);
    }

    private static RawJsonText Same(string text) => new(text, text);
}
