using System.Runtime.CompilerServices;

namespace Rollbook.Deploy.Tests;

/// <summary>The files of this tree.</summary>
internal static class DeployFiles
{
    /// <summary>The root of the tree.</summary>
    public static string Root { get; } = Find();

    /// <summary>A file or directory by its path in the tree.</summary>
    public static string PathOf(string path) => Path.Combine(Root, path);

    public static string Read(string path) => File.ReadAllText(PathOf(path));

    private static string Find([CallerFilePath] string path = "") => Path.GetFullPath(Path.Combine(Path.GetDirectoryName(path)!, "..", ".."));
}
