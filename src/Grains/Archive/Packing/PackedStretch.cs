namespace Rollbook.Archive;

/// <summary>What one round of packing came to.</summary>
/// <param name="To">The chunk up to which the log is packed.</param>
/// <param name="Steps">Steps that were packed by it.</param>
/// <param name="Bytes">Bytes of the files that it published.</param>
/// <param name="Projects">The projects that have records in the stretch.</param>
public readonly record struct PackedStretch(long To, long Steps, long Bytes, IReadOnlyCollection<string> Projects);
