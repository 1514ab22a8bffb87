using System.Text.Json;

namespace Rollbook.Client;

/// <summary>An episode's record without its steps. Fields of later versions are ignored.</summary>
public sealed record EpisodeInfo
{
    /// <summary>A ULID.</summary>
    public required string EpisodeId { get; init; }

    /// <summary>The tenant.</summary>
    public string? Project { get; init; }

    /// <summary>The environment instance.</summary>
    public required string Worker { get; init; }

    /// <summary>What was to be solved.</summary>
    public required string Task { get; init; }

    /// <summary>The configuration under which it was tried.</summary>
    public required string VariantId { get; init; }

    /// <summary>Episodes that are compared with each other.</summary>
    public string? GroupId { get; init; }

    /// <summary>Number of the try within its group.</summary>
    public int? Attempt { get; init; }

    /// <summary>The environment's seed.</summary>
    public long? Seed { get; init; }

    /// <summary>Version of the policy that acted.</summary>
    public string? PolicyVersion { get; init; }

    /// <summary>Name of the environment.</summary>
    public string? Environment { get; init; }

    /// <summary>The episode that this one branches from.</summary>
    public string? ParentEpisodeId { get; init; }

    /// <summary>Unix seconds.</summary>
    public double StartTime { get; init; }

    /// <summary>Unix seconds, null while it runs.</summary>
    public double? EndTime { get; init; }

    /// <summary>Seconds from start to end, or null while it runs.</summary>
    public double? DurationSeconds { get; init; }

    /// <summary><c>running</c>, <c>completed</c>, <c>superseded</c>, <c>aborted</c> or <c>lost</c>.</summary>
    public required string Status { get; init; }

    /// <summary>Why it ended.</summary>
    public string? EndCause { get; init; }

    /// <summary>The effective score: of the newest event named <c>final</c>, else the one given at the end; null: not scored.</summary>
    public double? FinalScore { get; init; }

    /// <summary>The score given at the end; null: none.</summary>
    public double? ReportedScore { get; init; }

    /// <summary>The score events, oldest first.</summary>
    public IReadOnlyList<RecordedScore> Scores { get => field ?? []; init; }

    /// <summary>The labels, sorted.</summary>
    public IReadOnlyList<string> Labels { get => field ?? []; init; }

    /// <summary>The caller's last step number.</summary>
    public long TotalSteps { get; init; }

    /// <summary>The number of recorded steps.</summary>
    public long StepCount { get; init; }

    /// <summary>The caller's metadata.</summary>
    public JsonElement Metadata { get; init; }

    /// <summary>The observation that the episode began with.</summary>
    public JsonElement InitialObservation { get; init; }

    /// <summary>The ordinal of the next step.</summary>
    public long NextOrdinal { get; init; }

    /// <summary>The epoch of its newest writer.</summary>
    public long WriterEpoch { get; init; }

    /// <summary>True while it takes steps.</summary>
    public bool IsRunning => Status == "running";
}
