namespace Rollbook.Silo.Http;

/// <summary>An episode in short.</summary>
internal sealed record SummaryAnswer(
    string EpisodeId,
    string Task,
    string VariantId,
    EpisodeStatus Status,
    string? EndCause,
    double? FinalScore,
    long TotalSteps,
    long StepCount,
    double StartTime,
    double? EndTime,
    double? DurationSeconds)
{
    /// <summary>Of a summary.</summary>
    public static SummaryAnswer Of(EpisodeSummary summary) => new(
        summary.Id.ToString(), summary.Task, summary.VariantId, summary.Status, summary.EndCause, summary.FinalScore, summary.TotalSteps,
        summary.StepCount, summary.StartTime, summary.EndTime, Durations.Of(summary.StartTime, summary.EndTime));
}
