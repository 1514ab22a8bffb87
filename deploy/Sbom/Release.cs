using System.Diagnostics;

namespace Rollbook.Sbom;

/// <summary>What a directory holds that was published from several programs: its libraries, and which of them each file is of.</summary>
internal sealed class Release
{
    private readonly Dictionary<string, Library> owners;

    private Release(string directory, IReadOnlyList<string> roots, IReadOnlyList<Library> libraries, Dictionary<string, Library> owners)
    {
        (Directory, Roots, this.owners) = (directory, roots, owners);
        var shipped = owners.Values.ToHashSet();
        // Of a package that two programs resolved in two versions one is there; one that has only dependencies counts as there.
        Libraries = [.. libraries.Where(library => library.Files.Count == 0 || shipped.Contains(library)).OrderBy(static library => library.Id, StringComparer.Ordinal)];
        var there = Libraries.ToDictionary(static library => library.Id);
        Needs = Libraries.ToDictionary(static library => library.Id, library => (IReadOnlyList<string>)[.. library.DependsOn
            .Select(need => there.ContainsKey(need) ? need : InsteadOf(libraries.FirstOrDefault(each => each.Id == need)))
            .OfType<string>().Distinct().Order(StringComparer.Ordinal)]);
    }

    /// <summary>Where it lies.</summary>
    public string Directory { get; }

    /// <summary>The ids of the programs' own projects.</summary>
    public IReadOnlyList<string> Roots { get; }

    /// <summary>The libraries of which something is there, by their ids.</summary>
    public IReadOnlyList<Library> Libraries { get; }

    /// <summary>The ids of what each library needs, by its id.</summary>
    public IReadOnlyDictionary<string, IReadOnlyList<string>> Needs { get; }

    /// <summary>The library that a file is of; null = none: a program's entry, its settings, a text.</summary>
    public Library? OwnerOf(string file) => owners.GetValueOrDefault(file);

    /// <summary>Reads a directory.</summary>
    /// <param name="directory">Where it lies.</param>
    /// <param name="programs">The programs in it, the one first whose files were laid over the others'.</param>
    /// <exception cref="InvalidDataException">A file is missing, is of another version than was resolved, or is older than one of the programs asks for.</exception>
    public static Release Read(string directory, IReadOnlyList<string> programs)
    {
        var graphs = programs.Select(program => DepsFile.Read(Path.Combine(directory, $"{program}.deps.json"))).ToList();
        var owners = new Dictionary<string, Library>(StringComparer.Ordinal);
        foreach (var (library, file) in graphs.SelectMany(static graph => graph).SelectMany(static library => library.Files, static (library, file) => (library, file)))
        {
            if (owners.TryAdd(file.Name, library)) CheckFile(directory, library, file);
            else CheckShared(owners[file.Name], library, file);
        }

        return new Release(directory, [.. graphs.Select(static graph => graph[0].Id)], [.. graphs.SelectMany(static graph => graph).DistinctBy(static library => library.Id)], owners);
    }

    private static void CheckFile(string directory, Library library, ShippedFile file)
    {
        var path = Path.Combine(directory, file.Name);
        if (!File.Exists(path)) throw new InvalidDataException($"{file.Name} of {library.Id} is not in {directory}.");
        if (file.AssemblyVersion is null || file.FileVersion is null) return;
        var found = FileVersionInfo.GetVersionInfo(path).FileVersion;
        // As versions: resources leave out a last zero, or have a leading one.
        if (!Version.TryParse(found, out var version) || Whole(version) != Whole(file.FileVersion)) throw new InvalidDataException($"{file.Name} is {found}, and {library.Id} has {file.FileVersion}: another program's was laid over it.");
    }

    private static Version Whole(Version version) => new(version.Major, version.Minor, Math.Max(version.Build, 0), Math.Max(version.Revision, 0));

    // The runtime takes a newer assembly for an older one, but not the other way round.
    private static void CheckShared(Library owner, Library other, ShippedFile file)
    {
        var there = owner.Files.First(each => each.Name == file.Name);
        if (there.AssemblyVersion is not null && file.AssemblyVersion > there.AssemblyVersion)
            throw new InvalidDataException($"{file.Name} is of {owner.Id}, assembly version {there.AssemblyVersion}, and a program needs that of {other.Id}, {file.AssemblyVersion}: pin one version for both.");
    }

    private string? InsteadOf(Library? missing) => missing?.Files.Select(file => owners[file.Name].Id).FirstOrDefault();
}
