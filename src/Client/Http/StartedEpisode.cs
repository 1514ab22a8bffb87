namespace Rollbook.Client;

/// <summary>The reply to a start, once it is durable.</summary>
/// <param name="EpisodeId">The episode.</param>
/// <param name="Worker">Its worker.</param>
/// <param name="Status"><c>running</c> for a new episode.</param>
/// <param name="StartTime">Unix seconds.</param>
/// <param name="NextOrdinal">The ordinal of the next step.</param>
/// <param name="WriterEpoch">Sent back with appends and the end, it fences older writers off.</param>
/// <param name="Superseded">The unfinished episode that this start ended, else null.</param>
public sealed record StartedEpisode(
    string EpisodeId, string Worker, string Status, double StartTime, long NextOrdinal, long WriterEpoch, string? Superseded);
