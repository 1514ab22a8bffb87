namespace Rollbook.Silo.Http;

/// <summary>The acknowledgement of an ending.</summary>
internal sealed record EndAnswer(
    string EpisodeId, EpisodeStatus Status, string? EndCause, double? FinalScore, long TotalSteps, long NextOrdinal, double? EndTime)
{
    /// <summary>Of a record that has ended.</summary>
    public static EndAnswer Of(EpisodeRecord record) => new(
        record.Key.Id.ToString(), record.Status, record.EndCause, record.FinalScore, record.TotalSteps, record.StepCount, record.EndTime);
}
