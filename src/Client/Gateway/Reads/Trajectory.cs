namespace Rollbook.Client;

/// <summary>An episode with its steps, in the shape of the single-process recorder. Times are Unix seconds.</summary>
public sealed record Trajectory
{
    /// <summary>The episode.</summary>
    public required EpisodeId EpisodeId { get; init; }

    /// <summary>What was to be solved.</summary>
    public required string Task { get; init; }

    /// <summary>The configuration under which it was tried.</summary>
    public required string VariantId { get; init; }

    /// <summary>When it began.</summary>
    public required double StartTime { get; init; }

    /// <summary>When it ended; null while it runs.</summary>
    public double? EndTime { get; init; }

    /// <summary>Seconds from start to end, two decimals; null while it runs.</summary>
    public double? DurationSeconds { get; init; }

    /// <summary>The steps; an absent observation, <c>{}</c> in that recorder, is absent.</summary>
    public required IReadOnlyList<RecordedStep> Steps { get; init; }

    /// <summary>The score; 0 where there is none, as in that recorder. <see cref="EpisodeRecord.FinalScore"/> tells the two apart.</summary>
    public double FinalScore { get; init; }

    /// <summary>The last step's own number.</summary>
    public long TotalSteps { get; init; }

    /// <summary>A JSON object; <c>{}</c> where there is none.</summary>
    public JsonValue Metadata { get; init; }

    internal static Trajectory Of(EpisodeRecord record, IReadOnlyList<RecordedStep> steps) => new()
    {
        EpisodeId = record.Key.Id,
        Task = record.Task,
        VariantId = record.VariantId,
        StartTime = record.StartTime,
        EndTime = record.EndTime,
        DurationSeconds = Durations.Of(record.StartTime, record.EndTime),
        Steps = steps,
        FinalScore = record.FinalScore ?? 0,
        TotalSteps = record.TotalSteps,
        Metadata = JsonValue.Parse(record.Metadata ?? "{}"),
    };
}
