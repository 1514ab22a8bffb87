namespace Rollbook;

/// <summary>A run of an episode's steps, gap-free.</summary>
/// <param name="Code">Ok, EpisodeNotFound, Unavailable, or Damaged (the page ends before a damaged place).</param>
/// <param name="From">The first step's ordinal.</param>
/// <param name="Steps">The steps; Count 0 where there are none (yet).</param>
/// <param name="Ended">True where the episode has ended and nothing lies behind this page.</param>
[GenerateSerializer, Immutable, Alias("rollbook.StepPage")]
public readonly record struct StepPage(
    [property: Id(0)] RollbookCode Code,
    [property: Id(1)] long From,
    [property: Id(2)] EncodedSteps Steps,
    [property: Id(3)] bool Ended)
{
    /// <summary>With Damaged: which file or frame is not what was written, where that is known.</summary>
    [Id(4)]
    public string? Damage { get; init; }
}
