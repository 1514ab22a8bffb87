namespace Rollbook.Cli;

/// <summary>A line of a file of scores.</summary>
/// <param name="Number">From 1, in the file.</param>
/// <param name="EpisodeId">The episode that it names; null where it can't be read.</param>
/// <param name="Json">What is sent.</param>
internal readonly record struct ScoreLine(long Number, string? EpisodeId, ReadOnlyMemory<byte> Json);
