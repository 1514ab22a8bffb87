namespace Rollbook.Client;

/// <summary>What a live stream brings: a step, or at last the ending.</summary>
/// <param name="IsEnd">True for the last event of the stream.</param>
/// <param name="Ordinal">The step's ordinal; -1 for the ending.</param>
/// <param name="Json">The step's line, or the record without steps. JSON in UTF-8; the memory is the caller's.</param>
public readonly record struct LiveEvent(bool IsEnd, long Ordinal, ReadOnlyMemory<byte> Json);
