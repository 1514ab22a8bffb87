namespace Rollbook.Cli;

/// <summary>
/// The files that the paths of a command line mean: each file itself, and each directory's <c>.traj</c> files and exported episodes (<c>.jsonl</c>, <c>.atif.json</c>), in order of
/// their names.
/// </summary>
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

    public static async Task<IReadOnlyList<string>> FindAsync(IEnumerable<string> paths, CancellationToken cancellationToken)
    {
        var files = new List<string>();
        foreach (var path in paths)
        {
            if (!Directory.Exists(path))
            {
                files.Add(path);
                continue;
            }

            foreach (var file in Directory.EnumerateFiles(path, "*", Below).Order(StringComparer.Ordinal))
            {
                var extension = Path.GetExtension(file);
                // Runs have other JSON lines beside their trajectories; only our own are meant.
                if (extension.Equals(".traj", StringComparison.OrdinalIgnoreCase)
                    || file.EndsWith(".atif.json", StringComparison.OrdinalIgnoreCase)
                    || (extension.Equals(".jsonl", StringComparison.OrdinalIgnoreCase) && await IsExportedAsync(file, cancellationToken)))
                    files.Add(file);
            }
        }

        return files.Distinct(StringComparer.Ordinal).ToList();
    }

    private static async Task<bool> IsExportedAsync(string file, CancellationToken cancellationToken)
    {
        try
        {
            return await ExportedFile.IsOneAsync(file, cancellationToken) || await AtifFile.IsOneAsync(file, cancellationToken);
        }
        catch (ImportException)
        {
            // It can't be read: the import names it.
            return true;
        }
    }
}
