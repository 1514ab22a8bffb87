namespace Rollbook;

/// <summary>One batch of an episode's steps.</summary>
[GenerateSerializer, Immutable, Alias("rollbook.AppendSteps")]
public sealed record AppendSteps
{
    /// <summary>The ordinal of the first step, 0-based.</summary>
    [Id(0)] public required long From { get; init; }

    /// <summary>The steps.</summary>
    [Id(1)] public required EncodedSteps Steps { get; init; }

    /// <summary>The writer's epoch from its start or resume; null = unfenced.</summary>
    [Id(2)] public long? WriterEpoch { get; init; }
}
