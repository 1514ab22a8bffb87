namespace Rollbook.Benchmarks;

/// <summary>The recorder that was built with this program.</summary>
internal static class SiloPath
{
    /// <summary>Beside this program: artifacts/bin/Benchmarks/release and artifacts/bin/Silo/release.</summary>
    public static string Directory => Path.Combine(AppContext.BaseDirectory, "../../Silo", Path.GetFileName(AppContext.BaseDirectory.TrimEnd(Path.DirectorySeparatorChar)));
}
