namespace Rollbook;

/// <summary>What a worker's history keeps of an episode. Times are Unix seconds.</summary>
[GenerateSerializer, Immutable, Alias("rollbook.EpisodeSummary")]
public sealed record EpisodeSummary
{
    /// <summary>The episode.</summary>
    [Id(0)] public required EpisodeId Id { get; init; }

    /// <summary>See <see cref="EpisodeRecord.Task"/>.</summary>
    [Id(1)] public required string Task { get; init; }

    /// <summary>See <see cref="EpisodeRecord.VariantId"/>.</summary>
    [Id(2)] public required string VariantId { get; init; }

    /// <summary>See <see cref="EpisodeRecord.Status"/>.</summary>
    [Id(3)] public EpisodeStatus Status { get; init; }

    /// <summary>See <see cref="EpisodeRecord.EndCause"/>.</summary>
    [Id(4)] public string? EndCause { get; init; }

    /// <summary>See <see cref="EpisodeRecord.FinalScore"/>.</summary>
    [Id(5)] public double? FinalScore { get; init; }

    /// <summary>See <see cref="EpisodeRecord.TotalSteps"/>.</summary>
    [Id(6)] public long TotalSteps { get; init; }

    /// <summary>See <see cref="EpisodeRecord.StepCount"/>.</summary>
    [Id(7)] public long StepCount { get; init; }

    /// <summary>See <see cref="EpisodeRecord.StartTime"/>.</summary>
    [Id(8)] public double StartTime { get; init; }

    /// <summary>See <see cref="EpisodeRecord.EndTime"/>.</summary>
    [Id(9)] public double? EndTime { get; init; }

    /// <summary>See <see cref="EpisodeRecord.ScoreCount"/>.</summary>
    [Id(10)] public int ScoreCount { get; init; }

    /// <summary>The summary of a record.</summary>
    public static EpisodeSummary Of(EpisodeRecord record) => new()
    {
        Id = record.Key.Id,
        Task = record.Task,
        VariantId = record.VariantId,
        Status = record.Status,
        EndCause = record.EndCause,
        FinalScore = record.FinalScore,
        TotalSteps = record.TotalSteps,
        StepCount = record.StepCount,
        StartTime = record.StartTime,
        EndTime = record.EndTime,
        ScoreCount = record.ScoreCount,
    };

    /// <summary>What log lines and messages of errors say of it: no content.</summary>
    public override string ToString() => $"{nameof(EpisodeSummary)} {Id} ({Status})";
}
