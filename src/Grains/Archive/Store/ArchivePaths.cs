using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text;
using Rollbook.StepLog;

namespace Rollbook.Archive;

/// <summary>
/// The names within an archive. They follow from what is in the file alone, so that a repeat of interrupted work makes the same name:
/// <code>
///   projects/{project}/manifest.json
///   projects/{project}/packs/{log}/{from, 12 digits}-{to, 12 digits}.{steps|episodes|scores}.parquet
///   projects/{project}/packs/{log}/{from, 12 digits}-{to, 12 digits}.frames.bin
///   projects/{project}/packs/{log}/{from, 12 digits}-{to, 12 digits}-{compaction}.{steps|episodes|scores}.parquet, .frames.bin
///   projects/{project}/{steps|episodes|scores}/date={yyyy-mm-dd}/{name}.parquet
///   projects/{project}/frames/date={yyyy-mm-dd}/{name}.bin
///   projects/{project}/deletions/{receipt}.json
///   projects/{project}/blobs/{first two digits}/{sha256, 64 digits}
/// </code>
/// A project's name is in UTF-8, where letters, digits, <c>_</c> and <c>-</c> stand for themselves and every other byte is a dot and two digits: <c>a.b</c> is
/// <c>a.2Eb</c>. Not <c>=</c>, by which readers of folders would take it for a partition.
/// </summary>
public static class ArchivePaths
{
    private const string Root = "projects/";
    private const string PackFolder = "/packs/";
    private const string Suffix = ".parquet";
    private const string FramesSuffix = ".bin";

    private static readonly string[] Kinds = ["steps", "episodes", "scores", "frames"];
    private static readonly SearchValues<char> Plain = SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-");
    private static readonly SearchValues<char> Allowed = SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-.=/");

    /// <summary>The folder of a kind, which is also the word in a pack's name: <c>steps</c>, <c>episodes</c>, <c>scores</c>, <c>frames</c>.</summary>
    public static string Word(ArchiveKind kind) => Kinds[(int)kind];

    /// <summary>What all names of a project begin with; ends with a slash.</summary>
    public static string Project(string project) => $"{Root}{Encode(project)}/";

    /// <summary>The project's manifest.</summary>
    public static string Manifest(string project) => $"{Root}{Encode(project)}/manifest.json";

    /// <summary>What all names of all projects begin with.</summary>
    public static string Projects => Root;

    /// <summary>Which project's manifest a name is of; false for any other name.</summary>
    public static bool TryParseManifest(string name, [NotNullWhen(true)] out string? project)
    {
        project = name.Split('/') is [_, var encoded, "manifest.json"] ? Decode(encoded) : null;
        return project is not null && Manifest(project) == name;
    }

    /// <summary>The receipt of a deletion that is final.</summary>
    public static string Deletion(string project, LogId receipt) => $"{Root}{Encode(project)}/deletions/{receipt}.json";

    /// <summary>What the names of a project's packs begin with; ends with a slash.</summary>
    public static string Packs(string project) => $"{Root}{Encode(project)}{PackFolder}";

    /// <summary>One file of the pack of chunks [from, to) of a log.</summary>
    public static string Pack(string project, LogId log, long from, long to, ArchiveKind kind)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(from);
        ArgumentOutOfRangeException.ThrowIfLessThan(to, from);
        return string.Create(CultureInfo.InvariantCulture, $"{Packs(project)}{log}/{from:D12}-{to:D12}.{Word(kind)}{(kind == ArchiveKind.Frames ? FramesSuffix : Suffix)}");
    }

    /// <summary>One file of what a compaction left of the chunks [from, to) of a log. The compaction's name keeps it apart from the files that it was made of.</summary>
    public static string Pack(string project, LogId log, long from, long to, ArchiveKind kind, LogId compaction)
    {
        var pack = Pack(project, log, from, to, kind);
        var end = pack.IndexOf('.', pack.LastIndexOf('/'));
        return $"{pack[..end]}-{compaction}{pack[end..]}";
    }

    /// <summary>Which compaction wrote a file; false for a file that none wrote.</summary>
    public static bool TryParseCompacted(string name, out LogId compaction)
    {
        compaction = default;
        if (name.Split('/') is not [.., var folder, var file]) return false;
        var stem = file.Split('.')[0];
        var isDay = folder.StartsWith("date=", StringComparison.Ordinal);
        return (isDay || stem.Split('-') is [_, _, _]) && LogId.TryParse(isDay ? stem : stem[(stem.LastIndexOf('-') + 1)..], out compaction);
    }

    /// <summary>The log of a pack's file, whoever wrote it, and the chunk after its last one; false for a file of a day.</summary>
    public static bool TryParseRange(string name, out LogId log, out long to)
    {
        (log, to) = (default, 0);
        return name.Split('/') is [.., "packs", var text, var file] && LogId.TryParse(text, out log)
            && file.Split('.')[0].Split('-') is [_, var end, ..] && long.TryParse(end, NumberStyles.None, CultureInfo.InvariantCulture, out to);
    }

    /// <summary>Reads the name of a pack's file.</summary>
    /// <returns>False for any other name.</returns>
    public static bool TryParsePack(string name, [NotNullWhen(true)] out string? project, out LogId log, out long from, out long to, out ArchiveKind kind)
    {
        (project, log, from, to, kind) = (null, default, 0, 0, default);
        if (name.Split('/') is not ["projects", var encoded, "packs", var text, var file] || !LogId.TryParse(text, out log)) return false;
        if (file.Split('.') is not [var range, var word, _] || range.Split('-') is not [var first, var end]) return false;
        if (!long.TryParse(first, NumberStyles.None, CultureInfo.InvariantCulture, out from)) return false;
        if (!long.TryParse(end, NumberStyles.None, CultureInfo.InvariantCulture, out to) || to < from) return false;
        kind = (ArchiveKind)Array.IndexOf(Kinds, word);
        if (kind < 0 || Decode(encoded) is not { } decoded) return false;
        // Whatever is not exactly what would be written is somebody else's file.
        if (Pack(decoded, log, from, to, kind) != name) return false;
        project = decoded;
        return true;
    }

    /// <summary>A large value, by the SHA-256 of its bytes.</summary>
    /// <param name="project">The project.</param>
    /// <param name="sha256">64 lower-case hexadecimal digits.</param>
    public static string Blob(string project, string sha256)
    {
        ArgumentNullException.ThrowIfNull(sha256);
        if (!BlobReferences.IsHash(sha256)) throw new ArgumentException("A large value's name is the SHA-256 of its bytes, 64 lower-case hexadecimal digits.", nameof(sha256));
        return $"{Root}{Encode(project)}/blobs/{sha256[..2]}/{sha256}";
    }

    /// <summary>The folder of a kind's files by the day on which the episodes ended; ends with a slash.</summary>
    public static string Days(string project, ArchiveKind kind) => $"{Root}{Encode(project)}/{Word(kind)}/";

    /// <summary>A file in the folder of one day.</summary>
    public static string Day(string project, ArchiveKind kind, DateOnly date, string name)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        return Check(string.Create(CultureInfo.InvariantCulture, $"{Days(project, kind)}date={date:yyyy-MM-dd}/{name}{(kind == ArchiveKind.Frames ? FramesSuffix : Suffix)}"));
    }

    /// <summary>Gives back a name that a store takes.</summary>
    /// <exception cref="ArgumentException">It is not one.</exception>
    public static string Check(string name)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        if (!IsPrefix(name) || name[^1] == '/') throw Refused(name, nameof(name));
        return name;
    }

    /// <summary>Gives back what names in a store may begin with.</summary>
    /// <exception cref="ArgumentException">None can.</exception>
    public static string CheckPrefix(string prefix)
    {
        ArgumentNullException.ThrowIfNull(prefix);
        return IsPrefix(prefix) ? prefix : throw Refused(prefix, nameof(prefix));
    }

    // A part "." would name the folder itself, where folders are what keeps the objects.
    private static bool IsPrefix(string text) =>
        !text.AsSpan().ContainsAnyExcept(Allowed)
        && !text.StartsWith('/')
        && !text.Contains("..", StringComparison.Ordinal)
        && !text.Contains("//", StringComparison.Ordinal)
        && !$"/{text}/".Contains("/./", StringComparison.Ordinal);

    private static ArgumentException Refused(string name, string parameter) => new(
        $"'{name}' is not a name in an archive: letters, digits and . _ = / -, without an empty part and without '..'. Take it from {nameof(ArchivePaths)}.",
        parameter);

    private static string Encode(string project)
    {
        ArgumentException.ThrowIfNullOrEmpty(project);
        if (!project.AsSpan().ContainsAnyExcept(Plain)) return project;
        var encoded = new StringBuilder();
        foreach (var letter in Encoding.UTF8.GetBytes(project))
        {
            if (Plain.Contains((char)letter)) encoded.Append((char)letter);
            else encoded.Append(CultureInfo.InvariantCulture, $".{letter:X2}");
        }

        return encoded.ToString();
    }

    private static string? Decode(ReadOnlySpan<char> encoded)
    {
        var bytes = new List<byte>();
        while (!encoded.IsEmpty)
        {
            if (encoded[0] != '.')
            {
                bytes.Add((byte)encoded[0]);
                encoded = encoded[1..];
                continue;
            }

            if (encoded.Length < 3 || !byte.TryParse(encoded.Slice(1, 2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var letter)) return null;
            bytes.Add(letter);
            encoded = encoded[3..];
        }

        return bytes.Count == 0 ? null : Encoding.UTF8.GetString([.. bytes]);
    }
}
