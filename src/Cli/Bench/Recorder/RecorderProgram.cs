namespace Rollbook.Cli;

/// <summary>Finds the recorder that belongs to this tool.</summary>
internal static class RecorderProgram
{
    private const string Name = "Rollbook.Silo";

    private static readonly string Program = OperatingSystem.IsWindows() ? Name + ".exe" : Name;

    /// <summary>The command that starts it.</summary>
    /// <param name="given">A program, a .dll or a directory that has one; null: beside this tool, or in the build's output beside it.</param>
    /// <exception cref="CliException">There is none.</exception>
    public static IReadOnlyList<string> Find(string? given)
    {
        var here = AppContext.BaseDirectory.TrimEnd(Path.DirectorySeparatorChar);
        // A build's output: artifacts/bin/Cli/release beside artifacts/bin/Silo/release.
        string[] places = given is not null ? [given] : [here, Path.Combine(here, "../../Silo", Path.GetFileName(here))];
        // The library first, everywhere: builds copy the bare launcher beside what only refers to it.
        var found = Array.Find(places, place => File.Exists(Path.Combine(place, Name + ".dll"))) is { } directory ? Path.Combine(directory, Name + ".dll")
            : places.Select(place => Path.Combine(place, Program)).Concat(places).FirstOrDefault(File.Exists);
        if (found is not null)
            return Path.GetExtension(found) == ".dll" ? ["dotnet", Path.GetFullPath(found)] : [Path.GetFullPath(found)];

        throw new CliException(ExitCode.NotFound, "not_found", given is null
            ? "The recorder's program (Rollbook.Silo) is not beside this tool. Name it with --silo PATH, or measure a running recorder with --url."
            : $"'{given}' is not the recorder's program. --silo takes Rollbook.Silo, Rollbook.Silo.dll, or the directory that has one of them.");
    }
}
