namespace Rollbook;

/// <summary>
/// All that is known of an episode besides its steps. Times are Unix seconds; JSON fields hold the text as it was received.
/// </summary>
[GenerateSerializer, Immutable, Alias("rollbook.EpisodeRecord")]
public sealed record EpisodeRecord
{
    /// <summary>Tenant and id.</summary>
    [Id(0)] public required EpisodeKey Key { get; init; }

    /// <summary>The environment instance that records it.</summary>
    [Id(1)] public required string Worker { get; init; }

    /// <summary>The task, data only.</summary>
    [Id(2)] public required string Task { get; init; }

    /// <summary>The task's variant, data only.</summary>
    [Id(3)] public required string VariantId { get; init; }

    /// <summary>When it began.</summary>
    [Id(4)] public required double StartTime { get; init; }

    /// <summary>When it ended; null while it runs.</summary>
    [Id(5)] public double? EndTime { get; init; }

    /// <summary>Running, or how it ended.</summary>
    [Id(6)] public EpisodeStatus Status { get; init; }

    /// <summary>Why it ended, a short text; null while it runs.</summary>
    [Id(7)] public string? EndCause { get; init; }

    /// <summary>
    /// The effective final score: the value of the newest event named <see cref="ScoreEvent.Final"/>, else <see cref="ReportedScore"/>; null = not scored, which is
    /// not 0.
    /// </summary>
    [Id(8)] public double? FinalScore { get; init; }

    /// <summary>The last step's own <c>step_number</c>; 0 before the first.</summary>
    [Id(9)] public long TotalSteps { get; init; }

    /// <summary>How many steps are recorded; also the next ordinal.</summary>
    [Id(10)] public long StepCount { get; init; }

    /// <summary>JSON object of the caller's; null = none.</summary>
    [Id(11)] public string? Metadata { get; init; }

    /// <summary>JSON value of the caller's; null = none.</summary>
    [Id(12)] public string? InitialObservation { get; init; }

    /// <summary>Siblings of one prompt share it.</summary>
    [Id(13)] public string? GroupId { get; init; }

    /// <summary>Which try in its group, or of its task.</summary>
    [Id(14)] public int? Attempt { get; init; }

    /// <summary>The environment's seed.</summary>
    [Id(15)] public long? Seed { get; init; }

    /// <summary>The policy that acted.</summary>
    [Id(16)] public string? PolicyVersion { get; init; }

    /// <summary>The environment's name and version.</summary>
    [Id(17)] public string? Environment { get; init; }

    /// <summary>The episode that this one branched from.</summary>
    [Id(18)] public EpisodeId? ParentEpisodeId { get; init; }

    /// <summary>Seconds of silence after which it ends as lost.</summary>
    [Id(19)] public double DeadlineSeconds { get; init; } = 1800;

    /// <summary>SHA-256 (16 bytes) of the start's body, so that a repeat of an id can be told from a clash.</summary>
    [Id(20)] public UInt128 StartHash { get; init; }

    /// <summary>The score given at the end, whatever was said of it since; null = none.</summary>
    [Id(21)] public double? ReportedScore { get; init; }

    /// <summary>The labels that are set, sorted by their code units.</summary>
    [Id(22)] public IReadOnlyList<string> Labels { get; init; } = [];

    /// <summary>How many score events are recorded. It only grows, so that of two records the newer can be told.</summary>
    [Id(23)] public int ScoreCount { get; init; }

    /// <summary>What log lines and messages of errors say of it: no content.</summary>
    public override string ToString() => $"{nameof(EpisodeRecord)} {Key} ({Status})";
}
