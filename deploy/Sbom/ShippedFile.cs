namespace Rollbook.Sbom;

/// <summary>A file of a library, as a program's <c>.deps.json</c> names it.</summary>
/// <param name="Name">Its name in the directory.</param>
/// <param name="AssemblyVersion">Of an assembly; else null.</param>
/// <param name="FileVersion">Of an assembly, as its version resource has it; else null.</param>
internal sealed record ShippedFile(string Name, Version? AssemblyVersion, Version? FileVersion);
