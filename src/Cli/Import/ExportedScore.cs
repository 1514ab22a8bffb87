namespace Rollbook.Cli;

/// <summary>A score event of an exported episode.</summary>
/// <param name="EventId">Its id.</param>
/// <param name="Json">A line for the recorder's batch of scores.</param>
internal readonly record struct ExportedScore(string EventId, ReadOnlyMemory<byte> Json);
