namespace Rollbook.Cli;

/// <summary>The spool files that the paths of a command line mean, oldest first: their names are ULIDs.</summary>
internal static class SpoolPaths
{
    public static IReadOnlyList<string> Find(IReadOnlyList<string> paths, CliHost host)
    {
        if (paths.Count == 0)
        {
            paths = [host.Variable("ROLLBOOK_SPOOL") ?? throw new CliException(
                ExitCode.Usage, "usage", "Name the spool directory, or set ROLLBOOK_SPOOL as the Python client has it.")];
        }

        var files = new List<string>();
        foreach (var path in paths)
        {
            if (Directory.Exists(path))
                files.AddRange(Directory.EnumerateFiles(path, "*.spool").Order(StringComparer.Ordinal));
            else if (File.Exists(path))
                files.Add(path);
            else
                throw new CliException(ExitCode.NotFound, "not_found", $"There is no spool directory or file '{path}'.");
        }

        return files.Distinct(StringComparer.Ordinal).ToList();
    }
}
