using System.Xml.Linq;

namespace Rollbook.Sbom;

/// <summary>The packages as the restore unpacked them: their hashes and licences.</summary>
internal sealed class PackageCache(string directory)
{
    /// <summary>That of this machine, where the restore puts it: <c>NUGET_PACKAGES</c>, or below the home.</summary>
    public static PackageCache OfThisMachine() => new(Environment.GetEnvironmentVariable("NUGET_PACKAGES") is { Length: > 0 } set
        ? set
        : Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".nuget", "packages"));

    /// <summary>The SHA-512 of the package's file as hexadecimal digits; null where it is not here.</summary>
    public string? HashOf(Library library)
    {
        var path = PathOf(library, $"{library.Name}.{library.Version}.nupkg.sha512");
        return File.Exists(path) ? Convert.ToHexStringLower(Convert.FromBase64String(File.ReadAllText(path).Trim())) : null;
    }

    /// <summary>Its licence, an SPDX expression; null where it says none.</summary>
    public string? LicenseOf(Library library)
    {
        var path = PathOf(library, $"{library.Name}.nuspec");
        if (!File.Exists(path)) return null;
        var license = XDocument.Load(path).Descendants().FirstOrDefault(static element => element.Name.LocalName == "license");
        return license?.Attribute("type")?.Value == "expression" ? license.Value.Trim() : null;
    }

    // Lower case is how the restore names them.
    private string PathOf(Library library, string file) => Path.Combine(directory, library.Name.ToLowerInvariant(), library.Version.ToLowerInvariant(), file.ToLowerInvariant());
}
