using System.Security.Cryptography;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Rollbook.Sbom;

/// <summary>
/// The bill of materials of a release, CycloneDX 1.6 as JSON: every package and part of the .NET runtime with version, hash, licence and what it needs, and every
/// file of the directory under what it is of.
/// </summary>
/// <remarks>
/// From what was published and not from the projects: tools that read the projects' restore leave out the runtime that a release brings along, and name
/// analyzers and versions that another program's replaced. No time and no random number: the same release gives the same bytes.
/// Format: https://cyclonedx.org/docs/1.6/json/.
/// </remarks>
internal static class Bom
{
    /// <summary>Its name in the directory.</summary>
    public const string FileName = "rollbook.cdx.json";

    private static readonly JsonSerializerOptions Written = new() { WriteIndented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>The bill.</summary>
    /// <param name="release">What was published.</param>
    /// <param name="version">The release's version.</param>
    /// <param name="cache">Has the packages' hashes and licences.</param>
    public static string Of(Release release, string version, PackageCache cache)
    {
        var files = Directory.EnumerateFiles(release.Directory, "*", SearchOption.AllDirectories)
            .Select(path => Path.GetRelativePath(release.Directory, path))
            .Where(static name => name != FileName)
            .Order(StringComparer.Ordinal)
            .ToLookup(release.OwnerOf, name => FileOf(release.Directory, name));
        JsonNode[] libraries = [.. release.Libraries.Select(library => ComponentOf(library, files[library], cache))];
        var root = $"rollbook@{version}";
        JsonNode[] needs = [.. release.Libraries.Select(library => NeedsOf(RefOf(library), release.Needs[library.Id].Select(RefTo)))];
        var bom = new JsonObject
        {
            ["bomFormat"] = "CycloneDX",
            ["specVersion"] = "1.6",
            ["version"] = 1,
            ["metadata"] = new JsonObject { ["component"] = new JsonObject { ["type"] = "application", ["bom-ref"] = root, ["name"] = "rollbook", ["version"] = version, ["licenses"] = Licenses("MIT") } },
            ["components"] = new JsonArray([.. libraries, .. files[null]]),
            ["dependencies"] = new JsonArray([NeedsOf(root, release.Roots.Select(RefTo)), .. needs]),
        };
        bom.Insert(2, "serialNumber", $"urn:uuid:{IdOf(bom.ToJsonString())}");
        return bom.ToJsonString(Written) + "\n";

        string RefTo(string id) => RefOf(release.Libraries.First(library => library.Id == id));
    }

    private static JsonObject ComponentOf(Library library, IEnumerable<JsonNode> files, PackageCache cache)
    {
        var component = new JsonObject { ["type"] = "library", ["bom-ref"] = RefOf(library), ["name"] = library.Name, ["version"] = library.Version };
        if (library.IsPackage)
        {
            if (cache.HashOf(library) is { } hash) component["hashes"] = Hashes("SHA-512", hash);
            if (cache.LicenseOf(library) is { } license) component["licenses"] = Licenses(license);
            component["purl"] = RefOf(library);
        }
        else
        {
            component["licenses"] = Licenses("MIT");
        }

        JsonNode[] own = [.. files];
        if (own.Length > 0) component["components"] = new JsonArray(own);
        return component;
    }

    private static JsonObject FileOf(string directory, string name)
    {
        using var content = File.OpenRead(Path.Combine(directory, name));
        return new JsonObject { ["type"] = "file", ["name"] = name, ["hashes"] = Hashes("SHA-256", Convert.ToHexStringLower(SHA256.HashData(content))) };
    }

    private static JsonObject NeedsOf(string of, IEnumerable<string> needs) =>
        new() { ["ref"] = of, ["dependsOn"] = new JsonArray([.. needs.Select(static need => JsonValue.Create(need))]) };

    private static JsonArray Hashes(string algorithm, string content) => [new JsonObject { ["alg"] = algorithm, ["content"] = content }];

    private static JsonArray Licenses(string expression) => [new JsonObject { ["expression"] = expression }];

    private static string RefOf(Library library) => library.IsPackage ? $"pkg:nuget/{library.Name}@{library.Version}" : $"{library.Name}@{library.Version}";

    // A UUID of version 8, which stands for the content.
    private static Guid IdOf(string content)
    {
        var bytes = SHA256.HashData(Encoding.UTF8.GetBytes(content)).AsSpan(0, 16);
        bytes[6] = (byte)((bytes[6] & 0x0f) | 0x80);
        bytes[8] = (byte)((bytes[8] & 0x3f) | 0x80);
        return new Guid(bytes, bigEndian: true);
    }
}
