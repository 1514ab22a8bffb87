namespace Rollbook.Cli;

/// <summary>The statements that were asked before, oldest first, in a file of the person's own.</summary>
internal sealed class SqlHistory
{
    private const int Most = 500;

    private readonly string? _path;
    private readonly List<string> _lines = [];

    private SqlHistory(string? path) => _path = path;

    public IReadOnlyList<string> Lines => _lines;

    /// <summary>Reads it. Where no home is known it lives as long as the program.</summary>
    public static SqlHistory Open(CliHost host)
    {
        var state = host.Variable("XDG_STATE_HOME") ?? (host.Variable("HOME") is { } home ? Path.Combine(home, ".local", "state") : null);
        var history = new SqlHistory(state is null ? null : Path.Combine(state, "rollbook", "sql-history"));
        if (File.Exists(history._path))
            history._lines.AddRange(File.ReadLines(history._path).TakeLast(Most));
        return history;
    }

    /// <summary>Adds a statement; one that was just asked isn't kept twice.</summary>
    public void Add(string statement)
    {
        var line = statement.ReplaceLineEndings(" ").Trim();
        if (line.Length == 0 || (_lines.Count > 0 && _lines[^1] == line))
            return;
        _lines.Add(line);
        if (_lines.Count > Most)
            _lines.RemoveAt(0);
        if (_path is null)
            return;
        Directory.CreateDirectory(Path.GetDirectoryName(_path)!);
        var options = new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write };
        // A statement may name what others on this machine should not read.
        if (!OperatingSystem.IsWindows())
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        using var writer = new StreamWriter(_path, options);
        foreach (var kept in _lines)
            writer.WriteLine(kept);
    }
}
