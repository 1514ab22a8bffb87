namespace Rollbook.Loggers;

/// <summary>One item of the history: an episode whose ending is durable, with what a repeated start is known by.</summary>
[GenerateSerializer, Immutable, Alias("rollbook.LoggerEnding")]
internal sealed record LoggerEnding
{
    /// <summary>The episode as it ended.</summary>
    [Id(0)] public required EpisodeSummary Summary { get; init; }

    /// <summary>The start's idempotency key.</summary>
    [Id(1)] public string? IdempotencyKey { get; init; }

    /// <summary>The hash of the start's body.</summary>
    [Id(2)] public UInt128 BodyHash { get; init; }

    /// <summary>See <see cref="LoggerEntry.Foreign"/>.</summary>
    [Id(3)] public bool Foreign { get; init; }
}
