namespace Rollbook.Cli;

/// <summary>The files that the paths of a command line mean: each file itself, and each directory's <c>.traj</c> files, in order of their names.</summary>
internal static class TrajectoryPaths
{
    private static readonly EnumerationOptions Below = new()
    {
        RecurseSubdirectories = true,
        IgnoreInaccessible = false,
        MatchCasing = MatchCasing.CaseInsensitive,
        // A link to a directory above would never end.
        AttributesToSkip = FileAttributes.ReparsePoint,
    };

    public static IReadOnlyList<string> Find(IEnumerable<string> paths)
    {
        var files = new List<string>();
        foreach (var path in paths)
        {
            if (Directory.Exists(path))
                files.AddRange(Directory.EnumerateFiles(path, "*.traj", Below).Order(StringComparer.Ordinal));
            else
                files.Add(path);
        }

        return files.Distinct(StringComparer.Ordinal).ToList();
    }
}
