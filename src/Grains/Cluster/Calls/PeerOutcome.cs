namespace Rollbook.Cluster;

/// <summary>What a silo says to a call that names a log.</summary>
[GenerateSerializer, Alias("rollbook.PeerOutcome")]
internal enum PeerOutcome
{
    /// <summary>It is this silo's, and the answer holds.</summary>
    Ok = 0,

    /// <summary>This silo has another log: the wanted one's process is gone.</summary>
    NotMine = 1,

    /// <summary>It is this silo's, and it failed or is being closed: only its fence tells what is durable.</summary>
    Failed = 2,
}
