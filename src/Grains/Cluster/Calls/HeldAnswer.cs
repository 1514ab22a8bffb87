namespace Rollbook.Cluster;

/// <summary>What a log tells queries of a project.</summary>
[GenerateSerializer, Immutable, Alias("rollbook.HeldAnswer")]
internal sealed record HeldAnswer
{
    /// <summary>Whether it is told.</summary>
    [Id(0)] public required PeerOutcome Outcome { get; init; }

    /// <summary>The episodes.</summary>
    [Id(1)] public HeldRow[] Episodes { get; init; } = [];

    /// <summary>Ended episodes below this chunk are forgotten: a published pack holds them.</summary>
    [Id(2)] public long ForgottenTo { get; init; }
}
