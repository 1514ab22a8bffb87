namespace Rollbook;

/// <summary>What is summed over an episode's steps as they come, so that a summary needs no step to be read.</summary>
[GenerateSerializer, Immutable, Alias("rollbook.StepSummary")]
public sealed record StepSummary
{
    /// <summary>Nothing recorded yet.</summary>
    public static readonly StepSummary Empty = new();

    /// <summary>Steps with an error.</summary>
    [Id(0)] public long Errors { get; init; }

    /// <summary>Steps with at least one security flag.</summary>
    [Id(1)] public long Flagged { get; init; }

    /// <summary>The sum of the rewards.</summary>
    [Id(2)] public double RewardSum { get; init; }

    /// <summary>The last step's cumulative reward.</summary>
    [Id(3)] public double CumulativeReward { get; init; }

    /// <summary>The last pass rate reported; null = none.</summary>
    [Id(4)] public double? LastPassRate { get; init; }

    /// <summary>When the last step was received, Unix microseconds; 0 before the first.</summary>
    [Id(5)] public long LastReceivedAt { get; init; }
}
