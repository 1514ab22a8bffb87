namespace Rollbook.Client;

/// <summary>What became of one episode's steps in an append to many.</summary>
/// <param name="EpisodeId">The episode.</param>
/// <param name="NextOrdinal">The ordinal after the last step sent, where they are in stable storage.</param>
/// <param name="Duplicates">How many of them were there already.</param>
/// <param name="Code">Why they were refused, or null: they are in stable storage.</param>
/// <param name="Retry">The outcome is still unknown: the same may succeed later.</param>
/// <param name="Detail">The refusal in words, with its cure.</param>
/// <param name="Expected">The next ordinal (<c>ordinal_gap</c>) or the one in conflict (<c>ordinal_conflict</c>).</param>
/// <param name="Pointer">JSON pointer into the step that is bad.</param>
/// <param name="Line">1-based line of the request with the step that is bad.</param>
public sealed record AppendOutcome(
    string EpisodeId, long? NextOrdinal = null, long Duplicates = 0, string? Code = null, bool Retry = false, string? Detail = null,
    long? Expected = null, string? Pointer = null, long? Line = null);
