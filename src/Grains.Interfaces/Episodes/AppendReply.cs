namespace Rollbook;

/// <summary>The answer to an append. With <see cref="RollbookCode.Ok"/> every step of the batch is durable.</summary>
/// <param name="Code">Ok, or why nothing was taken (or, with Unavailable, why the outcome is unknown).</param>
/// <param name="NextOrdinal">The ordinal after the batch's last step; for a gap or conflict the expected or conflicting ordinal.</param>
/// <param name="Duplicates">How many of the batch's steps were recorded before.</param>
/// <param name="Blob">With <see cref="RollbookCode.UnknownBlob"/>: the hash that is not known.</param>
[GenerateSerializer, Immutable, Alias("rollbook.AppendReply")]
public readonly record struct AppendReply(
    [property: Id(0)] RollbookCode Code,
    [property: Id(1)] long NextOrdinal,
    [property: Id(2)] int Duplicates,
    [property: Id(3)] string? Blob = null);
