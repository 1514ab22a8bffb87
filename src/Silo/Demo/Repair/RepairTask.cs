namespace Rollbook.Silo.Demo;

/// <summary>A repository to repair: right files, faults to seed, and variants, each a choice of faults.</summary>
internal sealed record RepairTask
{
    /// <summary>Name, as recorded.</summary>
    public required string Name { get; init; }

    /// <summary>What the agent is told.</summary>
    public required string Description { get; init; }

    /// <summary>The right files by path; tests lie under <c>tests/</c>.</summary>
    public required IReadOnlyDictionary<string, string> Files { get; init; }

    /// <summary>The faults.</summary>
    public required IReadOnlyList<SeededBug> Bugs { get; init; }

    /// <summary>Which faults <c>v1</c>, <c>v2</c>, … have.</summary>
    public required IReadOnlyList<int[]> Variants { get; init; }

    /// <summary>The name of a variant.</summary>
    public static string VariantId(int variant) => $"v{variant + 1}";

    /// <summary>The faults of a variant.</summary>
    public IReadOnlyList<SeededBug> BugsOf(int variant) => [.. Variants[variant].Select(bug => Bugs[bug])];

    /// <summary>The files that an episode of this variant begins with.</summary>
    public Dictionary<string, string> BrokenFiles(int variant)
    {
        var files = new Dictionary<string, string>(Files);
        foreach (var bug in BugsOf(variant))
            files[bug.Path] = files[bug.Path].Replace(bug.Right, bug.Wrong, StringComparison.Ordinal);
        return files;
    }
}
