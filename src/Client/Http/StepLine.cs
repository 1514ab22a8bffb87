namespace Rollbook.Client;

/// <summary>One recorded step as the recorder serves it.</summary>
/// <param name="Ordinal">Its 0-based place in the episode.</param>
/// <param name="Json">A JSON object in UTF-8, without a line end. The memory is the caller's.</param>
public readonly record struct StepLine(long Ordinal, ReadOnlyMemory<byte> Json);
