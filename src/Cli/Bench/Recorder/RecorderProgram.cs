namespace Rollbook.Cli;

/// <summary>Finds the recorder that belongs to this tool.</summary>
internal static class RecorderProgram
{
    private const string Name = "Rollbook.Silo";

    /// <summary>The command that starts it.</summary>
    /// <param name="given">A program, a .dll or a directory that has one; null: beside this tool, or in the build's output beside it.</param>
    /// <exception cref="CliException">There is none.</exception>
    public static IReadOnlyList<string> Find(string? given)
    {
        var here = AppContext.BaseDirectory.TrimEnd(Path.DirectorySeparatorChar);
        // A build's output: artifacts/bin/Cli/release beside artifacts/bin/Silo/release.
        string[] places = given is not null ? [given] : [here, Path.Combine(here, "../../Silo", Path.GetFileName(here))];
        foreach (var place in places)
        {
            if (CommandAt(place) is { } command)
                return command;
        }

        throw new CliException(ExitCode.NotFound, "not_found", given is null
            ? "The recorder's program (Rollbook.Silo) is not beside this tool. Name it with --silo PATH, or measure a running recorder with --url."
            : $"'{given}' is not the recorder's program. --silo takes Rollbook.Silo, Rollbook.Silo.dll, or the directory that has one of them.");
    }

    private static string[]? CommandAt(string place)
    {
        if (Directory.Exists(place))
        {
            return CommandAt(Path.Combine(place, Name + ".dll"))
                ?? CommandAt(Path.Combine(place, OperatingSystem.IsWindows() ? Name + ".exe" : Name));
        }

        if (!File.Exists(place))
            return null;
        var path = Path.GetFullPath(place);
        return Path.GetExtension(path) == ".dll" ? ["dotnet", path] : [path];
    }
}
