using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;

namespace Rollbook.Cli;

/// <summary>Worker, task and variant out of a file's name and folder.</summary>
internal static partial class TrajectoryNames
{
    private const int WorkerLength = 128;
    private const int TextLength = 256;

    /// <summary>The file's name without its extension, in the alphabet of worker names; a cut name keeps a hash of the whole.</summary>
    public static string Worker(string path)
    {
        var name = Stem(path);
        var safe = NotWorker().Replace(name, "_");
        if (safe.Length > WorkerLength || safe is "" or "." or "..")
        {
            var hash = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(name)))[..8];
            safe = safe[..Math.Min(safe.Length, WorkerLength - 9)].Trim('.') + "-" + hash;
        }

        return safe;
    }

    /// <summary>
    /// The instance that was solved: the one that the file names; else out of its name (<c>marshmallow-1867__default</c> → <c>marshmallow-1867</c>);
    /// else out of its folder's, where that has an instance; else the name itself.
    /// </summary>
    public static string Task(string path, string? named)
    {
        if (Printable(named) is { } given)
            return given;

        var folder = Path.GetFileName(Path.GetDirectoryName(Path.GetFullPath(path)));
        return Printable(Instance(Stem(path)) ?? Instance(folder) ?? Stem(path)) ?? "unnamed";
    }

    /// <summary>What stands behind the instance in the file's name, else <c>swe-agent</c>.</summary>
    public static string Variant(string path)
    {
        var match = InstanceName().Match(Stem(path));
        return (match.Success ? Printable(match.Groups["rest"].Value) : null) ?? "swe-agent";
    }

    /// <summary>The text without unprintable characters, cut to what a name may have; null where nothing is left.</summary>
    public static string? Printable(string? text)
    {
        if (text is null)
            return null;

        var name = new StringBuilder();
        foreach (var rune in text.EnumerateRunes())
        {
            if (name.Length + rune.Utf16SequenceLength > TextLength)
                break;
            var category = Rune.GetUnicodeCategory(rune);
            name.Append(category is UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator
                or UnicodeCategory.PrivateUse or UnicodeCategory.OtherNotAssigned ? " " : rune.ToString());
        }

        var trimmed = name.ToString().Trim();
        return trimmed.Length == 0 ? null : trimmed;
    }

    private static string Stem(string path) => Path.GetFileNameWithoutExtension(path);

    private static string? Instance(string? name) =>
        name is not null && InstanceName().Match(name) is { Success: true } match ? match.Groups["instance"].Value : null;

    // SWE-bench instances end with a dash and the number; runs of one instance append __ and their configuration.
    [GeneratedRegex("^(?<instance>.*?-[0-9]+)(?:__(?<rest>.+))?$", RegexOptions.Singleline)]
    private static partial Regex InstanceName();

    [GeneratedRegex("[^A-Za-z0-9._~:@+-]")]
    private static partial Regex NotWorker();
}
