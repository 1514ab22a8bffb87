namespace Rollbook;

/// <summary>The answer to a patch.</summary>
/// <param name="Code">Ok once every field that was asked for is durable, or why nothing was set.</param>
/// <param name="View">With Ok: the episode with the fields; else without a record.</param>
/// <param name="Field">With FieldConflict: the name of the first field that has another value, as the HTTP API writes it.</param>
[GenerateSerializer, Immutable, Alias("rollbook.PatchReply")]
public readonly record struct PatchReply(
    [property: Id(0)] RollbookCode Code,
    [property: Id(1)] EpisodeView View,
    [property: Id(2)] string? Field);
