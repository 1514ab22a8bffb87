using System.Collections.Immutable;

namespace Rollbook.Archive;

/// <summary>What a compaction made of some packs: whole episodes by day, and of each log what is left.</summary>
/// <param name="Inputs">The packs that it read and that it replaces.</param>
/// <param name="Sealed">A pack per day, of episodes that are whole in it.</param>
/// <param name="Rest">A pack per log, of all records of the others.</param>
public sealed record Compaction(ImmutableList<PackRange> Inputs, ImmutableList<Pack> Sealed, ImmutableList<Pack> Rest);
