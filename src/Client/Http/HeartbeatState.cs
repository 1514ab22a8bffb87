namespace Rollbook.Client;

/// <summary>What a sign of life found.</summary>
/// <param name="EpisodeId">The episode.</param>
/// <param name="Code"><c>ok</c>, else <c>writer_fenced</c>, <c>episode_ended</c>, <c>episode_not_found</c> or <c>unavailable</c>.</param>
public sealed record HeartbeatState(string EpisodeId, string Code);
