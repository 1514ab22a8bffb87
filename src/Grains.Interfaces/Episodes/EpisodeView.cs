namespace Rollbook;

/// <summary>An episode as its owner sees it.</summary>
/// <param name="Code">Ok, EpisodeNotFound, Unavailable, or Damaged.</param>
/// <param name="Record">The record; null unless <paramref name="Code"/> is Ok.</param>
/// <param name="WriterEpoch">The newest writer's epoch.</param>
/// <param name="Summary">What is summed over the steps.</param>
/// <param name="SecondsSinceWrite">Seconds since the owner last saw a write or heartbeat; null for an ended episode.</param>
[GenerateSerializer, Immutable, Alias("rollbook.EpisodeView")]
public readonly record struct EpisodeView(
    [property: Id(0)] RollbookCode Code,
    [property: Id(1)] EpisodeRecord? Record,
    [property: Id(2)] long WriterEpoch,
    [property: Id(3)] StepSummary? Summary,
    [property: Id(4)] double? SecondsSinceWrite)
{
    /// <summary>With Damaged: which file or frame is not what was written, where that is known.</summary>
    [Id(5)]
    public string? Damage { get; init; }
}
