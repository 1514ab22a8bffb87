namespace Rollbook.Loggers;

/// <summary>One episode that a worker began and that is not known to have ended.</summary>
[GenerateSerializer, Immutable, Alias("rollbook.LoggerEntry")]
internal sealed record LoggerEntry
{
    /// <summary>The episode.</summary>
    [Id(0)] public required EpisodeId Id { get; init; }

    /// <summary>When it began, Unix seconds.</summary>
    [Id(1)] public required double StartTime { get; init; }

    /// <summary>What opens it; null once it is known to be open.</summary>
    [Id(2)] public OpenEpisode? Opening { get; init; }

    /// <summary>The writer's name; null = none given.</summary>
    [Id(3)] public string? Writer { get; init; }

    /// <summary>The start's idempotency key.</summary>
    [Id(4)] public string? IdempotencyKey { get; init; }

    /// <summary>The hash of the start's body.</summary>
    [Id(5)] public UInt128 BodyHash { get; init; }

    /// <summary>Sent late, from a spool: never current, and no start supersedes it.</summary>
    [Id(6)] public bool Late { get; init; }

    /// <summary>It was re-opened: news of an ending may be of the ending before.</summary>
    [Id(7)] public bool Resumed { get; init; }

    /// <summary>Another worker began it: scores of its ending are told there, and this worker asks.</summary>
    [Id(8)] public bool Foreign { get; init; }
}
