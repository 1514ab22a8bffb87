namespace Rollbook;

/// <summary>What became of a label event.</summary>
/// <param name="Code">Ok once it is durable; ScoreConflict, TooManyEvents, TooManyLabels, EpisodeNotFound; Busy or Unavailable: send the same again.</param>
/// <param name="Duplicate">It was recorded before.</param>
/// <param name="Labels">The episode's labels, sorted by their code units; empty unless the code is Ok.</param>
[GenerateSerializer, Immutable, Alias("rollbook.LabelReply")]
public readonly record struct LabelReply(
    [property: Id(0)] RollbookCode Code,
    [property: Id(1)] bool Duplicate,
    [property: Id(2)] IReadOnlyList<string> Labels);
