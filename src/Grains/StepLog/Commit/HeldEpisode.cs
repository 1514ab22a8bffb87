namespace Rollbook.StepLog;

/// <summary>An episode as the log that owns it, or in which it ended, holds it.</summary>
/// <param name="Record">The record.</param>
/// <param name="Summary">The sums over its steps.</param>
/// <param name="Term">The term of the claim.</param>
/// <param name="Chunk">The chunk of its newest frame.</param>
/// <param name="Place">Where that frame stands in the chunk, in bytes.</param>
/// <param name="Left">Whether another log was about to take it over: where others know of it, they are right.</param>
public sealed record HeldEpisode(EpisodeRecord Record, StepSummary Summary, long Term, long Chunk, int Place, bool Left = false);
