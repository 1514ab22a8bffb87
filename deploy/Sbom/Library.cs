namespace Rollbook.Sbom;

/// <summary>A package, a part of the .NET runtime or a project that a program was made of.</summary>
/// <param name="Name">As its registry has it.</param>
/// <param name="Version">What the restore resolved.</param>
/// <param name="IsPackage">Whether it comes from a registry; a project does not.</param>
/// <param name="DependsOn">The ids of those that it needs.</param>
/// <param name="Files">What it brings into the directory.</param>
internal sealed record Library(string Name, string Version, bool IsPackage, IReadOnlyList<string> DependsOn, IReadOnlyList<ShippedFile> Files)
{
    /// <summary><c>name/version</c>, as <c>.deps.json</c> writes it, without the mark of a runtime pack.</summary>
    public string Id => $"{Name}/{Version}";
}
