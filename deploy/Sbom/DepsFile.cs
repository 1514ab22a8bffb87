using System.Text.Json;

namespace Rollbook.Sbom;

/// <summary>Reads a program's <c>.deps.json</c>: the graph that the restore resolved, down to the files that the host loads.</summary>
internal static class DepsFile
{
    private const string RuntimePack = "runtimepack.";

    // Files that the publish lays flat into the directory.
    private static readonly string[] Kinds = ["runtime", "native"];

    /// <summary>The libraries of a program; its own project is the first.</summary>
    public static IReadOnlyList<Library> Read(string path)
    {
        using var document = JsonDocument.Parse(File.ReadAllBytes(path));
        var root = document.RootElement;
        var types = root.GetProperty("libraries");
        var target = root.GetProperty("targets").GetProperty(root.GetProperty("runtimeTarget").GetProperty("name").GetString()!);
        // A reference is the output of a project that is listed by its own name, too.
        return [.. target.EnumerateObject()
            .Select(library => (library, Type: types.GetProperty(library.Name).GetProperty("type").GetString()!))
            .Where(static each => each.Type != "reference")
            .Select(static each => LibraryOf(each.library, each.Type))];
    }

    private static Library LibraryOf(JsonProperty library, string type)
    {
        var id = Bare(library.Name);
        var slash = id.IndexOf('/');
        var needs = library.Value.TryGetProperty("dependencies", out var named)
            ? named.EnumerateObject().Select(static need => $"{Bare(need.Name)}/{need.Value.GetString()}")
            : [];
        return new Library(id[..slash], id[(slash + 1)..], type is "package" or "runtimepack", [.. needs], [.. FilesOf(library.Value)]);
    }

    private static IEnumerable<ShippedFile> FilesOf(JsonElement library)
    {
        foreach (var kind in Kinds)
        {
            if (!library.TryGetProperty(kind, out var files)) continue;
            foreach (var file in files.EnumerateObject())
                yield return new ShippedFile(Path.GetFileName(file.Name), VersionOf(file.Value, "assemblyVersion"), VersionOf(file.Value, "fileVersion"));
        }
    }

    private static Version? VersionOf(JsonElement file, string name) => file.TryGetProperty(name, out var text) && Version.TryParse(text.GetString(), out var version) ? version : null;

    private static string Bare(string id) => id.StartsWith(RuntimePack, StringComparison.Ordinal) ? id[RuntimePack.Length..] : id;
}
