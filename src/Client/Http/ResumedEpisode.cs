namespace Rollbook.Client;

/// <summary>The reply to a resume.</summary>
/// <param name="NextOrdinal">Where to go on.</param>
/// <param name="WriterEpoch">The new writer's epoch.</param>
/// <param name="Record">The episode's record.</param>
public sealed record ResumedEpisode(long NextOrdinal, long WriterEpoch, EpisodeInfo Record);
