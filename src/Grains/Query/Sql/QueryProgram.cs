namespace Rollbook.Query;

/// <summary>The command that starts a worker: the silo's own program.</summary>
/// <param name="File">The executable.</param>
/// <param name="Arguments">What stands before the worker's word.</param>
internal sealed record QueryProgram(string File, IReadOnlyList<string> Arguments)
{
    /// <summary>Finds it by the silo's assembly.</summary>
    /// <param name="assembly">Path of the silo's .dll; empty in a program that is one file.</param>
    /// <param name="process">Path of this process's executable.</param>
    /// <exception cref="FileNotFoundException">There is no such program.</exception>
    public static QueryProgram Find(string assembly, string process)
    {
        if (assembly.Length == 0) return new QueryProgram(process, []);
        // The launcher beside it finds the runtime by itself.
        var launcher = Path.ChangeExtension(assembly, OperatingSystem.IsWindows() ? ".exe" : null);
        if (Path.GetFileNameWithoutExtension(process) == "dotnet") return new QueryProgram(process, [assembly]);
        return System.IO.File.Exists(launcher)
            ? new QueryProgram(launcher, [])
            : throw new FileNotFoundException($"{launcher} is missing: statements run in a process of their own.", launcher);
    }
}
