namespace Rollbook.Silo.Http;

/// <summary>The acknowledgement of an ending, with the score that it gave: a repeat is answered alike, whatever was said of the episode since.</summary>
internal sealed record EndAnswer(
    string EpisodeId, EpisodeStatus Status, string? EndCause, double? FinalScore, long TotalSteps, long NextOrdinal, double? EndTime)
{
    /// <summary>Of a record that has ended.</summary>
    public static EndAnswer Of(EpisodeRecord record) => new(
        record.Key.Id.ToString(), record.Status, record.EndCause, record.ReportedScore, record.TotalSteps, record.StepCount, record.EndTime);
}
