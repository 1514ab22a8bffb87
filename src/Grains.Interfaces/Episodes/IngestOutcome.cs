namespace Rollbook;

/// <summary>What became of one batch among others.</summary>
/// <param name="Taken">False: nothing was taken and nothing is said of it; call the episode's grain.</param>
/// <param name="Reply">The answer where it was taken: Ok, or Unavailable.</param>
[GenerateSerializer, Immutable, Alias("rollbook.IngestOutcome")]
public readonly record struct IngestOutcome([property: Id(0)] bool Taken, [property: Id(1)] AppendReply Reply);
