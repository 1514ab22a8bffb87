using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;

namespace Rollbook.Cli;

/// <summary>Makes an agent's text harmless to a terminal: no escape sequences, no control, direction or invisible characters.</summary>
/// <remarks>
/// Such text can recolour or rewrite the screen, set the clipboard (OSC 52), or show a command other than the one that ran. What is dropped
/// is only dropped from the view; <c>--json</c> and <c>export</c> keep it.
/// </remarks>
internal static partial class TerminalText
{
    /// <summary>Text of any number of lines; line ends are \n, a tab is four spaces.</summary>
    public static string Clean(string text)
    {
        text = EscapeSequence().Replace(text, "");
        StringBuilder? clean = null;
        var at = 0;
        foreach (var rune in text.EnumerateRunes())
        {
            var keep = rune.Value == '\n' || (rune.Value != 0xFFFD && !IsHostile(rune));
            // EnumerateRunes gives U+FFFD for half a surrogate pair, whose length is one all the same.
            if (!keep && clean is null)
                clean = new StringBuilder(text, 0, at, text.Length);
            if (keep)
                clean?.Append(rune.ToString());
            else
                clean!.Append(rune.Value switch { '\t' => "    ", 0xFFFD => "\uFFFD", _ => "" });
            at += rune.Utf16SequenceLength;
        }

        return clean?.ToString() ?? text;
    }

    /// <summary>The text on one line, at most <paramref name="length"/> characters; line breaks show as ⏎.</summary>
    public static string OneLine(string text, int length)
    {
        // Cut first: an observation may have megabytes, of which the line shows a word.
        var part = text.Length > length * 8 ? text[..(length * 8)] : text;
        var line = Clean(part).Trim('\n').Replace("\n", "⏎", StringComparison.Ordinal);
        if (line.Length <= length && part.Length == text.Length)
            return line;

        var end = Math.Min(line.Length, length - 1);
        if (end > 0 && char.IsHighSurrogate(line[end - 1]))
            end--;
        return line[..end] + "…";
    }

    /// <summary>JSON text with the characters that a terminal would obey written as \u escapes: the same value.</summary>
    public static string EscapeJson(string json)
    {
        StringBuilder? escaped = null;
        for (var i = 0; i < json.Length; i++)
        {
            var c = json[i];
            // Valid JSON has raw control characters only as white space between tokens.
            var hostile = c is not ('\n' or '\r' or '\t') && !char.IsSurrogate(c) && IsHostile(new Rune(c));
            if (hostile)
                escaped ??= new StringBuilder(json, 0, i, json.Length + 16);
            if (hostile)
                escaped!.Append(CultureInfo.InvariantCulture, $"\\u{(int)c:x4}");
            else
                escaped?.Append(c);
        }

        return escaped?.ToString() ?? json;
    }

    private static bool IsHostile(Rune rune) => Rune.GetUnicodeCategory(rune) switch
    {
        // Cc: C0, DEL and C1 (a single 0x9B starts a sequence). Cf: bidi overrides and isolates, zero-width and tag characters.
        UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator
            or UnicodeCategory.PrivateUse or UnicodeCategory.Surrogate => true,
        _ => false,
    };

    // CSI; then OSC, DCS, SOS, PM and APC with their text, or alone where they have no end (what follows must stay visible); then two-character
    // escapes. C1 forms alike. A body has no second introducer: this keeps the search linear on hostile input.
    [GeneratedRegex("""(?:\x1B\[|\x9B)[0-?]*[ -/]*[@-~]?|(?:\x1B[\]PX^_]|[\x90\x98\x9D-\x9F])(?:[^\x07\x1B\x90\x98\x9C-\x9F]*(?:\x07|\x1B\\|\x9C))?|\x1B[ -/]*[0-~]?""", RegexOptions.CultureInvariant)]
    private static partial Regex EscapeSequence();
}
