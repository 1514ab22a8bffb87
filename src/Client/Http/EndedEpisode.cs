namespace Rollbook.Client;

/// <summary>The reply to an end or an abort, once it is durable.</summary>
/// <param name="EpisodeId">The episode.</param>
/// <param name="Status"><c>completed</c> or <c>aborted</c>.</param>
/// <param name="EndCause">Why it ended.</param>
/// <param name="FinalScore">The score, or null: not scored.</param>
/// <param name="TotalSteps">The caller's last step number.</param>
/// <param name="NextOrdinal">The number of recorded steps.</param>
/// <param name="EndTime">Unix seconds.</param>
public sealed record EndedEpisode(
    string EpisodeId, string Status, string? EndCause, double? FinalScore, long TotalSteps, long NextOrdinal, double EndTime);
