namespace Rollbook.Episodes;

/// <summary>What a tail keeps of a score event.</summary>
/// <param name="Id">The hash of its event id.</param>
/// <param name="Hash">The hash of its body.</param>
/// <param name="IsFinal">Whether it gives the episode's effective final score.</param>
/// <param name="Value">The value; null = not scored.</param>
internal readonly record struct ScoreHead(UInt128 Id, UInt128 Hash, bool IsFinal, double? Value);
