namespace Rollbook;

/// <summary>A logger's call that creates an episode, or finds it created by the same start.</summary>
[GenerateSerializer, Immutable, Alias("rollbook.OpenEpisode")]
public sealed record OpenEpisode
{
    /// <summary>The record as it begins: running, without steps.</summary>
    [Id(0)] public required EpisodeRecord Record { get; init; }

    /// <summary>Names the writing process; null = none given.</summary>
    [Id(1)] public string? Writer { get; init; }

    /// <summary>Set to create it already ended: a start that was superseded before it was opened.</summary>
    [Id(2)] public EndEpisode? AlreadyEnded { get; init; }
}
