namespace Rollbook;

/// <summary>Labels that a person or a program sets and takes away, at any time.</summary>
[GenerateSerializer, Immutable, Alias("rollbook.LabelEvent")]
public sealed record LabelEvent
{
    /// <summary>See <see cref="ScoreEvent.EventId"/>.</summary>
    [Id(0)] public required string EventId { get; init; }

    /// <summary>Labels to set, each 1–128 printable characters; one that is set already stays.</summary>
    [Id(1)] public IReadOnlyList<string> Add { get; init; } = [];

    /// <summary>Labels to take away; one that isn't set is passed over.</summary>
    [Id(2)] public IReadOnlyList<string> Remove { get; init; } = [];

    /// <summary>What log lines and messages of errors say of it: no content.</summary>
    public override string ToString() => nameof(LabelEvent);
}
