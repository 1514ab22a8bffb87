using System.Buffers;
using System.Globalization;
using System.Text;

namespace Rollbook;

/// <summary>The limits of score and label events, for every edge that makes some.</summary>
public static class EventRules
{
    /// <summary>The most events, scores and labels together, that an episode takes.</summary>
    public const int MaxEvents = 10_000;

    /// <summary>The most labels that an episode has at a time, and that one event may set or take away.</summary>
    public const int MaxLabels = 256;

    /// <summary>The most bytes of one event, as JSON.</summary>
    public const int MaxEventBytes = 256 << 10;

    /// <summary>The most bytes of a rationale, as UTF-8.</summary>
    public const int MaxRationaleBytes = 64 << 10;

    /// <summary>The longest event id.</summary>
    public const int MaxEventId = 128;

    /// <summary>The longest name of a score.</summary>
    public const int MaxName = 64;

    /// <summary>The longest source, in characters.</summary>
    public const int MaxSource = 256;

    /// <summary>The longest label, in characters.</summary>
    public const int MaxLabel = 128;

    private static readonly SearchValues<char> NameCharacters =
        SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._~:@+-");

    /// <summary>Whether a text is 1 to <paramref name="longest"/> characters of <c>A-Z a-z 0-9 . _ ~ : @ + -</c>.</summary>
    public static bool IsName(string text, int longest) => text.Length > 0 && text.Length <= longest && !text.AsSpan().ContainsAnyExcept(NameCharacters);

    /// <summary>Whether a text has 1 to <paramref name="longest"/> characters, none of them a control character or a line separator.</summary>
    public static bool IsPrintable(string text, int longest)
    {
        var count = 0;
        foreach (var rune in text.EnumerateRunes())
        {
            if (++count > longest) return false;
            if (Rune.GetUnicodeCategory(rune) is UnicodeCategory.Control or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator) return false;
        }

        return count > 0;
    }
}
