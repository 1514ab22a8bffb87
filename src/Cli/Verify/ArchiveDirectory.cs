using Rollbook.Archive;

namespace Rollbook.Cli;

/// <summary>The archive of a stopped data directory, read as plain files: opening it as the recorder does would write.</summary>
internal sealed class ArchiveDirectory(string data)
{
    /// <summary>Where its objects lie.</summary>
    public string Root { get; } = Path.Combine(data, "archive");

    /// <summary>The path of an object.</summary>
    public string PathOf(string name) => Path.Combine(Root, Path.Combine(ArchivePaths.Check(name).Split('/')));

    /// <summary>The projects that have a folder, in order, those without a manifest too.</summary>
    public IReadOnlyList<string> Projects()
    {
        var folder = Path.Combine(Root, "projects");
        if (!Directory.Exists(folder)) return [];
        return [.. Directory.GetDirectories(folder)
            .Select(path => ArchivePaths.TryParseManifest($"projects/{Path.GetFileName(path)}/manifest.json", out var project) ? project : null)
            .OfType<string>().Order(StringComparer.Ordinal)];
    }

    /// <summary>Bytes of all files, for a bar of progress.</summary>
    public long Bytes => Directory.Exists(Root) ? Directory.EnumerateFiles(Root, "*", SearchOption.AllDirectories).Sum(static file => new FileInfo(file).Length) : 0;
}
