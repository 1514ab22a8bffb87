namespace Rollbook.Cluster;

/// <summary>The answer to a release.</summary>
[GenerateSerializer, Immutable, Alias("rollbook.ReleaseAnswer")]
internal sealed record ReleaseAnswer
{
    /// <summary>Whether the episode is released.</summary>
    [Id(0)] public required PeerOutcome Outcome { get; init; }

    /// <summary>The tail as a frame's payload has it, with its hashes; null where the log does not hold the episode any more.</summary>
    [Id(1)] public byte[]? Tail { get; init; }
}
