namespace Rollbook.Cluster;

/// <summary>How far the silo that reads a dead log for all has come with it.</summary>
[GenerateSerializer, Immutable, Alias("rollbook.DeadLogAnswer")]
internal sealed record DeadLogAnswer
{
    /// <summary>Whether that silo was reached.</summary>
    [Id(0)]
    public required PeerOutcome Outcome { get; init; }

    /// <summary>What is left to do: 0 when it is done; of a waking, episodes; at least 1 while it goes on.</summary>
    [Id(1)]
    public int Left { get; init; }
}
