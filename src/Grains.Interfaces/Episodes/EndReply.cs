namespace Rollbook;

/// <summary>The answer to an end.</summary>
/// <param name="Code">Ok, or why the episode was not ended so.</param>
/// <param name="Record">The ended record; for a conflict the record as it ended before; else null.</param>
/// <param name="Expected">For a gap: the next ordinal.</param>
[GenerateSerializer, Immutable, Alias("rollbook.EndReply")]
public readonly record struct EndReply(
    [property: Id(0)] RollbookCode Code,
    [property: Id(1)] EpisodeRecord? Record,
    [property: Id(2)] long Expected);
