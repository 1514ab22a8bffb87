namespace Rollbook;

/// <summary>A run of an episode's score events, oldest first.</summary>
/// <param name="Code">Ok, EpisodeNotFound, Unavailable, or Damaged (the page ends before a damaged place).</param>
/// <param name="From">The first event's 0-based place.</param>
/// <param name="Scores">The events; empty where there are none.</param>
[GenerateSerializer, Immutable, Alias("rollbook.ScorePage")]
public readonly record struct ScorePage(
    [property: Id(0)] RollbookCode Code,
    [property: Id(1)] int From,
    [property: Id(2)] IReadOnlyList<ScoreEvent> Scores)
{
    /// <summary>With Damaged: which file or frame is not what was written, where that is known.</summary>
    [Id(3)]
    public string? Damage { get; init; }
}
