namespace Rollbook.Client;

/// <summary>An episode as its owner sees it now.</summary>
/// <param name="Record">All that is known of it besides its steps.</param>
/// <param name="Summary">What is summed over its steps.</param>
/// <param name="WriterEpoch">The newest writer's epoch.</param>
/// <param name="Silence">Since the owner last saw a write or a sign of life; null for an ended episode.</param>
public sealed record EpisodeState(EpisodeRecord Record, StepSummary Summary, long WriterEpoch, TimeSpan? Silence);
