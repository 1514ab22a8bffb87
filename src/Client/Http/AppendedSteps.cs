namespace Rollbook.Client;

/// <summary>The reply to an append: all of its steps are in stable storage.</summary>
/// <param name="NextOrdinal">The ordinal after the last step sent.</param>
/// <param name="Duplicates">How many of them were there already.</param>
public sealed record AppendedSteps(long NextOrdinal, long Duplicates);
