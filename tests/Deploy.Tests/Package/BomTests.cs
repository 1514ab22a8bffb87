using System.Text.Json.Nodes;
using Rollbook.Sbom;

namespace Rollbook.Deploy.Tests.Package;

/// <summary>The bill of materials, of this test's own directory and of made-up ones.</summary>
public sealed class BomTests
{
    private static readonly PackageCache Cache = PackageCache.OfThisMachine();

    [Fact]
    public void Of_DirectoryOfThisProgram_HasEachFileOnceAndPackagesWithHashes()
    {
        using var directory = new TempDirectory();
        // Flat, as a publish lays it.
        foreach (var file in Directory.GetFiles(AppContext.BaseDirectory)) File.CreateSymbolicLink(Path.Combine(directory.Path, Path.GetFileName(file)), file);

        var bom = JsonNode.Parse(Bom.Of(Release.Read(directory.Path, ["Rollbook.Deploy.Tests"]), "1.2.3", Cache))!;

        var files = FilesOf(bom["components"]!.AsArray()).Select(static file => file.Path).ToList();
        Assert.Equal(Directory.GetFiles(directory.Path).Select(Path.GetFileName).Order(StringComparer.Ordinal), files.Order(StringComparer.Ordinal));
        var yaml = Assert.Single(bom["components"]!.AsArray(), static each => (string?)each!["name"] == "YamlDotNet")!;
        Assert.Equal($"pkg:nuget/YamlDotNet@{yaml["version"]}", (string?)yaml["purl"]);
        Assert.Equal("MIT", (string?)yaml["licenses"]![0]!["expression"]);
        Assert.Equal(128, ((string)yaml["hashes"]![0]!["content"]!).Length);
        Assert.Equal("YamlDotNet.dll", (string?)Assert.Single(yaml["components"]!.AsArray())!["name"]);
    }

    [Fact]
    public void Of_Dependencies_NamesOnlyWhatIsThere()
    {
        var bom = JsonNode.Parse(Bom.Of(Release.Read(AppContext.BaseDirectory, ["Rollbook.Deploy.Tests"]), "1.2.3", Cache))!;

        var refs = bom["components"]!.AsArray().Select(static each => (string?)each!["bom-ref"]).OfType<string>().ToList();
        var needs = bom["dependencies"]!.AsArray();
        Assert.Equal(refs.Count, refs.Distinct().Count());
        Assert.Equal(refs.Append("rollbook@1.2.3").Order(), needs.Select(static each => (string)each!["ref"]!).Order());
        Assert.All(needs.SelectMany(static each => each!["dependsOn"]!.AsArray()), need => Assert.Contains((string)need!, refs));
        Assert.Contains(needs, static each => each!["dependsOn"]!.AsArray().Any(static need => ((string)need!).StartsWith("pkg:nuget/Microsoft.Orleans.Server@", StringComparison.Ordinal)));
    }

    [Fact]
    public void Of_SameReleaseTwice_GivesTheSameBytes()
    {
        using var directory = new TempDirectory();
        Lay(directory, "a", "Lib/1.0.0", AssemblyVersion);

        Assert.Equal(Write(), Write());

        string Write() => Bom.Of(Release.Read(directory.Path, ["a"]), "1.2.3", Cache);
    }

    [Fact]
    public void Read_TwoVersionsOfOneFile_KeepsTheOneThatIsThere()
    {
        using var directory = new TempDirectory();
        Lay(directory, "a", "Lib/2.0.0", AssemblyVersion);
        Lay(directory, "b", "Lib/1.0.0", "0.0.1.0", "0.0.0.9");

        var release = Release.Read(directory.Path, ["a", "b"]);

        Assert.Equal(["Lib/2.0.0", "a/1.0.0", "b/1.0.0"], release.Libraries.Select(static library => library.Id));
        Assert.Equal(["Lib/2.0.0"], release.Needs["b/1.0.0"]);
        Assert.Equal("2.0.0", release.OwnerOf("Rollbook.Sbom.dll")?.Version);
        Assert.Null(release.OwnerOf("a.deps.json"));
    }

    [Theory]
    [InlineData("another file version", "0.9.0.0", "laid over it")]
    [InlineData("a newer assembly for the other program", null, "pin one version for both")]
    [InlineData("no file", null, "is not in")]
    public void Read_FileThatDoesNotFit_IsRefused(string what, string? fileVersion, string message)
    {
        using var directory = new TempDirectory();
        Lay(directory, "a", "Lib/1.0.0", AssemblyVersion, fileVersion);
        Lay(directory, "b", "Lib/2.0.0", "99.0.0.0");
        if (what == "no file") File.Delete(Path.Combine(directory.Path, "Rollbook.Sbom.dll"));

        var wrong = Assert.Throws<InvalidDataException>(() => Release.Read(directory.Path, ["a", "b"]));

        Assert.Contains(message, wrong.Message, StringComparison.Ordinal);
    }

    /// <summary>Each file of a bill, with its SHA-256.</summary>
    internal static IEnumerable<(string Path, string Sum)> FilesOf(JsonArray components) => components
        .SelectMany(static each => (string?)each!["type"] == "file" ? Enumerable.Repeat<JsonNode?>(each, 1) : each["components"]?.AsArray() ?? Enumerable.Empty<JsonNode?>())
        .Select(static file => ((string)file!["name"]!, (string)file["hashes"]![0]!["content"]!));

    private static string AssemblyVersion => typeof(Release).Assembly.GetName().Version!.ToString();

    // A program of one library, whose one file is a real assembly.
    private static void Lay(TempDirectory directory, string program, string library, string assemblyVersion, string? fileVersion = null)
    {
        var slash = library.IndexOf('/');
        var file = Path.Combine(directory.Path, "Rollbook.Sbom.dll");
        File.Copy(typeof(Release).Assembly.Location, file, overwrite: true);
        File.WriteAllText(Path.Combine(directory.Path, $"{program}.deps.json"), $$$"""
            {
              "runtimeTarget": { "name": "t" },
              "targets": { "t": {
                "{{{program}}}/1.0.0": { "dependencies": { "{{{library[..slash]}}}": "{{{library[(slash + 1)..]}}}" } },
                "{{{library}}}": { "runtime": { "lib/Rollbook.Sbom.dll": { "assemblyVersion": "{{{assemblyVersion}}}", "fileVersion": "{{{fileVersion ?? AssemblyVersion}}}" } } }
              } },
              "libraries": { "{{{program}}}/1.0.0": { "type": "project" }, "{{{library}}}": { "type": "package" } }
            }
            """);
    }
}
