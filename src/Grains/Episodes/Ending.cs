namespace Rollbook.Episodes;

/// <summary>The rules of endings, as pure functions.</summary>
internal static class Ending
{
    /// <summary>The cause of an ending that was recorded as damaged: it takes no more steps.</summary>
    public const string DamagedCause = "damaged";

    /// <summary>The record as an ending leaves it.</summary>
    public static EpisodeRecord Apply(EpisodeRecord running, EndEpisode end, double now) => running with
    {
        Status = end.Status,
        EndCause = end.Cause ?? DefaultCause(end.Status),
        FinalScore = end.FinalScore,
        ReportedScore = end.FinalScore,
        // A clock that was set back makes no negative durations.
        EndTime = end.EndTime ?? Math.Max(now, running.StartTime),
    };

    /// <summary>Whether an ending that was asked for is the one that is recorded.</summary>
    public static bool Same(EpisodeRecord ended, EndEpisode end) =>
        ended.Status == end.Status
        && Nullable.Equals(ended.ReportedScore, end.FinalScore)
        && (end.Cause is null || ended.EndCause == end.Cause);

    private static string DefaultCause(EpisodeStatus status) => status switch
    {
        EpisodeStatus.Completed => "completed",
        EpisodeStatus.Superseded => "superseded",
        EpisodeStatus.Aborted => "aborted",
        _ => "silent",
    };
}
