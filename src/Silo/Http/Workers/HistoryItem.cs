namespace Rollbook.Silo.Http;

/// <summary>An ended episode as the single-process recorder lists it; one without a score shows 0.</summary>
internal sealed record HistoryItem(string EpisodeId, string Task, string VariantId, double FinalScore, long TotalSteps, double? DurationSeconds)
{
    /// <summary>Of a summary.</summary>
    public static HistoryItem Of(EpisodeSummary summary) => new(
        summary.Id.ToString(), summary.Task, summary.VariantId, summary.FinalScore ?? 0, summary.TotalSteps,
        Durations.Of(summary.StartTime, summary.EndTime));
}
