namespace Rollbook.Silo.Demo;

/// <summary>The files of one episode, in memory. Not thread-safe.</summary>
internal sealed class Workspace(Dictionary<string, string> files)
{
    private readonly SortedDictionary<string, string> _files = new(files, StringComparer.Ordinal);

    /// <summary>The paths in ordinal order.</summary>
    public IReadOnlyCollection<string> Paths => _files.Keys;

    /// <summary>The programs among the files.</summary>
    public IEnumerable<KeyValuePair<string, string>> Sources => _files.Where(file => file.Key.EndsWith(".mini", StringComparison.Ordinal));

    /// <summary>The content of a file, or null.</summary>
    public string? Find(string path) => _files.GetValueOrDefault(path);

    /// <summary>Writes a file and returns what changed.</summary>
    public FileChange Write(string path, string content)
    {
        var before = Find(path);
        _files[path] = content;
        return FileChange.Between(path, before, content);
    }

    /// <summary>The lines that have a text, in the order of paths and lines.</summary>
    public IReadOnlyList<SearchMatch> Search(string text)
    {
        var matches = new List<SearchMatch>();
        foreach (var (path, content) in _files)
        {
            var line = 0;
            foreach (var row in content.Split('\n'))
            {
                line++;
                if (row.Contains(text, StringComparison.Ordinal))
                    matches.Add(new SearchMatch(path, line, row));
            }
        }
        return matches;
    }

    /// <summary>True for a path that stays inside the repository.</summary>
    public static bool IsInside(string path) =>
        path.Length > 0 && path[0] != '/' && !path.Split('/').Contains("..");
}

/// <summary>A line found by a search.</summary>
/// <param name="Path">The file.</param>
/// <param name="Line">1-based.</param>
/// <param name="Text">The whole line.</param>
internal sealed record SearchMatch(string Path, int Line, string Text);
