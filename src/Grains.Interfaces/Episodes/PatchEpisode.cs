namespace Rollbook;

/// <summary>Fields that a record gets where they are absent. Null = not asked for.</summary>
[GenerateSerializer, Immutable, Alias("rollbook.PatchEpisode")]
public sealed record PatchEpisode
{
    /// <summary>See <see cref="EpisodeRecord.GroupId"/>.</summary>
    [Id(0)] public string? GroupId { get; init; }

    /// <summary>See <see cref="EpisodeRecord.Attempt"/>.</summary>
    [Id(1)] public int? Attempt { get; init; }

    /// <summary>See <see cref="EpisodeRecord.Seed"/>.</summary>
    [Id(2)] public long? Seed { get; init; }

    /// <summary>See <see cref="EpisodeRecord.PolicyVersion"/>.</summary>
    [Id(3)] public string? PolicyVersion { get; init; }

    /// <summary>See <see cref="EpisodeRecord.Environment"/>.</summary>
    [Id(4)] public string? Environment { get; init; }

    /// <summary>What log lines and messages of errors say of it: no content.</summary>
    public override string ToString() => nameof(PatchEpisode);
}
