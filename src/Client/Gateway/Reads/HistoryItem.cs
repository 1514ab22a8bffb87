namespace Rollbook.Client;

/// <summary>An ended episode of a worker, in the shape of the single-process recorder.</summary>
/// <param name="EpisodeId">The episode.</param>
/// <param name="Task">What was to be solved.</param>
/// <param name="VariantId">The configuration under which it was tried.</param>
/// <param name="FinalScore">The score; 0 where there is none. <see cref="EpisodeSummary.FinalScore"/> tells the two apart.</param>
/// <param name="TotalSteps">The last step's own number.</param>
/// <param name="DurationSeconds">Seconds from start to end, two decimals.</param>
public sealed record HistoryItem(EpisodeId EpisodeId, string Task, string VariantId, double FinalScore, long TotalSteps, double? DurationSeconds)
{
    internal static HistoryItem Of(EpisodeSummary summary) => new(
        summary.Id, summary.Task, summary.VariantId, summary.FinalScore ?? 0, summary.TotalSteps, Durations.Of(summary.StartTime, summary.EndTime));
}
