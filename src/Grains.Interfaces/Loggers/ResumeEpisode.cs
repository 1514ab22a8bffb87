namespace Rollbook;

/// <summary>What a worker gives to go on with an episode.</summary>
[GenerateSerializer, Immutable, Alias("rollbook.ResumeEpisode")]
public sealed record ResumeEpisode
{
    /// <summary>The tenant.</summary>
    [Id(0)] public required string Project { get; init; }

    /// <summary>The worker that goes on.</summary>
    [Id(1)] public required string Worker { get; init; }

    /// <summary>The episode.</summary>
    [Id(2)] public required EpisodeId EpisodeId { get; init; }

    /// <summary>Names the writing process; null equals null.</summary>
    [Id(3)] public string? Writer { get; init; }

    /// <summary>Resume although another live writer uses the worker.</summary>
    [Id(4)] public bool Takeover { get; init; }
}
