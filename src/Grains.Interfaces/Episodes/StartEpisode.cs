namespace Rollbook;

/// <summary>What a worker gives to begin an episode.</summary>
[GenerateSerializer, Immutable, Alias("rollbook.StartEpisode")]
public sealed record StartEpisode
{
    /// <summary>The tenant.</summary>
    [Id(0)] public required string Project { get; init; }

    /// <summary>The worker, <c>[A-Za-z0-9._~:@+-]{1,128}</c>.</summary>
    [Id(1)] public required string Worker { get; init; }

    /// <summary>The task, 1–256 characters.</summary>
    [Id(2)] public required string Task { get; init; }

    /// <summary>The variant, 1–256 characters.</summary>
    [Id(3)] public required string VariantId { get; init; }

    /// <summary>Minted by the client; null = the recorder mints one.</summary>
    [Id(4)] public EpisodeId? EpisodeId { get; init; }

    /// <summary>Unix seconds; null = now. Given from a spool, it tells a late start.</summary>
    [Id(5)] public double? StartTime { get; init; }

    /// <summary>See <see cref="EpisodeRecord.GroupId"/>.</summary>
    [Id(6)] public string? GroupId { get; init; }

    /// <summary>See <see cref="EpisodeRecord.Attempt"/>.</summary>
    [Id(7)] public int? Attempt { get; init; }

    /// <summary>See <see cref="EpisodeRecord.Seed"/>.</summary>
    [Id(8)] public long? Seed { get; init; }

    /// <summary>See <see cref="EpisodeRecord.PolicyVersion"/>.</summary>
    [Id(9)] public string? PolicyVersion { get; init; }

    /// <summary>See <see cref="EpisodeRecord.Environment"/>.</summary>
    [Id(10)] public string? Environment { get; init; }

    /// <summary>See <see cref="EpisodeRecord.ParentEpisodeId"/>.</summary>
    [Id(11)] public EpisodeId? ParentEpisodeId { get; init; }

    /// <summary>See <see cref="EpisodeRecord.Metadata"/>.</summary>
    [Id(12)] public string? Metadata { get; init; }

    /// <summary>See <see cref="EpisodeRecord.InitialObservation"/>.</summary>
    [Id(13)] public string? InitialObservation { get; init; }

    /// <summary>Seconds of silence after which it ends as lost, 1 to 2,592,000; null = 1,800.</summary>
    [Id(14)] public double? DeadlineSeconds { get; init; }

    /// <summary>Names the writing process; null equals null.</summary>
    [Id(15)] public string? Writer { get; init; }

    /// <summary>Start although another live writer uses the worker.</summary>
    [Id(16)] public bool Takeover { get; init; }

    /// <summary>A repeat with the same key and body gives the same reply; null = none.</summary>
    [Id(17)] public string? IdempotencyKey { get; init; }

    /// <summary>SHA-256 (16 bytes) of the body's canonical form, writer and takeover left out.</summary>
    [Id(18)] public required UInt128 BodyHash { get; init; }

    /// <summary>What log lines and messages of errors say of it: no content.</summary>
    public override string ToString() => $"{nameof(StartEpisode)} {Project}/{EpisodeId}";
}
