using System.Text;
using System.Text.RegularExpressions;

namespace Rollbook.Silo.Http;

/// <summary>The Python client's sources as they were when the recorder was built.</summary>
internal static partial class WheelFiles
{
    private const string Package = "rollbook/";

    /// <summary>The sources by their names in a wheel (<c>rollbook/logger.py</c>), in ordinal order.</summary>
    public static SortedDictionary<string, byte[]> Read()
    {
        var files = new SortedDictionary<string, byte[]>(StringComparer.Ordinal);
        var assembly = typeof(WheelFiles).Assembly;
        foreach (var resource in assembly.GetManifestResourceNames())
        {
            // A build on Windows names folders with the other slash.
            var name = resource.Replace('\\', '/');
            if (!name.StartsWith(Package, StringComparison.Ordinal)) continue;
            using var stream = assembly.GetManifestResourceStream(resource)!;
            var content = new byte[stream.Length];
            stream.ReadExactly(content);
            files.Add(name, content);
        }

        return files;
    }

    /// <summary>The version that the package itself tells.</summary>
    /// <exception cref="InvalidDataException">version.py tells none.</exception>
    public static string Version(IReadOnlyDictionary<string, byte[]> files)
    {
        var match = VersionLine().Match(Encoding.UTF8.GetString(files[Package + "version.py"]));
        return match.Success ? match.Groups[1].Value : throw new InvalidDataException("version.py has no line __version__ = \"…\".");
    }

    [GeneratedRegex("""^__version__ = "([0-9A-Za-z.+!]+)"\r?$""", RegexOptions.Multiline)]
    private static partial Regex VersionLine();
}
