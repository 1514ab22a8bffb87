namespace Rollbook.Cluster;

/// <summary>An episode's frames in a log.</summary>
[GenerateSerializer, Immutable, Alias("rollbook.FramesAnswer")]
internal sealed record FramesAnswer
{
    /// <summary>Whether the frames are told.</summary>
    [Id(0)] public required PeerOutcome Outcome { get; init; }

    /// <summary>The frames in log order.</summary>
    [Id(1)] public FrameEntry[] Frames { get; init; } = [];
}
