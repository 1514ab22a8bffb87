namespace Rollbook;

/// <summary>What became of one score event.</summary>
/// <param name="Code">Ok once it is durable and every read shows it; ScoreConflict, TooManyEvents, EpisodeNotFound; Busy or Unavailable: send the same again.</param>
/// <param name="Duplicate">It was recorded before.</param>
/// <param name="FinalScore">The episode's effective final score; null = not scored.</param>
[GenerateSerializer, Immutable, Alias("rollbook.ScoreReply")]
public readonly record struct ScoreReply(
    [property: Id(0)] RollbookCode Code,
    [property: Id(1)] bool Duplicate,
    [property: Id(2)] double? FinalScore);
