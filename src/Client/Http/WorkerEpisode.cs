namespace Rollbook.Client;

/// <summary>An episode in a worker's history.</summary>
/// <param name="EpisodeId">A ULID.</param>
/// <param name="Task">What was to be solved.</param>
/// <param name="VariantId">The configuration under which it was tried.</param>
/// <param name="Status"><c>running</c>, <c>completed</c>, <c>superseded</c>, <c>aborted</c> or <c>lost</c>.</param>
/// <param name="EndCause">Why it ended.</param>
/// <param name="FinalScore">The score; null: not scored.</param>
/// <param name="TotalSteps">The caller's last step number.</param>
/// <param name="StepCount">The number of recorded steps.</param>
/// <param name="StartTime">Unix seconds.</param>
/// <param name="EndTime">Unix seconds, null while it runs.</param>
/// <param name="DurationSeconds">Seconds, or null while it runs.</param>
public sealed record WorkerEpisode(
    string EpisodeId, string Task, string VariantId, string Status, string? EndCause, double? FinalScore,
    long TotalSteps, long StepCount, double StartTime, double? EndTime, double? DurationSeconds);
