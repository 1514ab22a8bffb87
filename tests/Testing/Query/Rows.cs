using Rollbook.Query;

namespace Rollbook.Testing.Query;

/// <summary>Episodes for tests of queries.</summary>
public static class Rows
{
    /// <summary>The id of a number: greater numbers sort later.</summary>
    public static EpisodeId Id(int number) => new((UInt128)(ulong)(number + 1) << 64);

    /// <summary>An ended episode.</summary>
    public static LiveEpisode Episode(int number, double? score = 1, long term = 1, long chunk = 0, int place = 0, EpisodeStatus status = EpisodeStatus.Completed) => new(
        new EpisodeRecord
        {
            Key = new EpisodeKey(EpisodeKey.DefaultProject, Id(number)),
            Worker = $"host.{number % 3}",
            Task = $"org/repo#{number % 2}",
            VariantId = "v",
            StartTime = 1_700_000_000 + number,
            EndTime = status == EpisodeStatus.Running ? null : 1_700_000_100 + (2 * number),
            Status = status,
            EndCause = status == EpisodeStatus.Running ? null : "submitted",
            ReportedScore = score,
            FinalScore = score,
            TotalSteps = number,
            StepCount = number,
            Metadata = $$"""{"n": {{number}}.0}""",
            InitialObservation = number % 2 == 0 ? null : "\"seen\"",
            GroupId = $"g{number / 4}",
            Attempt = number % 4,
            Seed = long.MaxValue - number,
            PolicyVersion = "p1",
            Environment = null,
            Labels = number % 5 == 0 ? ["kept", "pinned"] : [],
        },
        new StepSummary { Errors = number % 2, Flagged = 0, RewardSum = number, CumulativeReward = number, LastPassRate = 0.5, LastReceivedAt = 1_700_000_000_000_000 + number },
        term, "log", chunk, place);

    /// <summary>The same with another record.</summary>
    public static LiveEpisode With(this LiveEpisode episode, Func<EpisodeRecord, EpisodeRecord> change) => episode with { Record = change(episode.Record) };
}
