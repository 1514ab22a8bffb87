namespace Rollbook.Client;

/// <summary>A change that the agent made to a file.</summary>
/// <param name="Path">The file.</param>
/// <param name="Before">The old text; null = the file is new.</param>
/// <param name="After">The new text.</param>
/// <param name="CharsChanged">How many characters changed, as the environment counts them.</param>
public sealed record FileDiff(string Path, string? Before, string After, long CharsChanged);
