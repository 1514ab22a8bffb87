namespace Rollbook;

/// <summary>
/// What a verifier or a person says of an episode, at any time. Whoever makes one keeps to the limits of <see cref="EventRules"/>: the grain doesn't look at its
/// texts again.
/// </summary>
[GenerateSerializer, Immutable, Alias("rollbook.ScoreEvent")]
public sealed record ScoreEvent
{
    /// <summary>The name whose newest event is the episode's effective final score.</summary>
    public const string Final = "final";

    /// <summary>Makes a repeat harmless; scores and labels of an episode share the ids. <c>[A-Za-z0-9._~:@+-]{1,128}</c>.</summary>
    [Id(0)] public required string EventId { get; init; }

    /// <summary>What is scored, <c>[A-Za-z0-9._~:@+-]{1,64}</c>.</summary>
    [Id(1)] public required string Name { get; init; }

    /// <summary>Null = not scored, which is not 0.</summary>
    [Id(2)] public required double? Value { get; init; }

    /// <summary>Who says so, 1–256 printable characters.</summary>
    [Id(3)] public required string Source { get; init; }

    /// <summary>Why, up to 64 KiB; null = none given.</summary>
    [Id(4)] public string? Rationale { get; init; }

    /// <summary>JSON object of the caller's; null = none.</summary>
    [Id(5)] public string? Metadata { get; init; }

    /// <summary>Unix seconds; null in a request = when it is received, never null in a read.</summary>
    [Id(6)] public double? Time { get; init; }

    /// <summary>What log lines and messages of errors say of it: no content.</summary>
    public override string ToString() => nameof(ScoreEvent);
}
