namespace Rollbook.StepLog;

/// <summary>A page of a listing.</summary>
/// <param name="Entries">Its objects, by name.</param>
/// <param name="Next">What names the next page to the same store; null = this was the last one.</param>
public sealed record ObjectPage(IReadOnlyList<ObjectEntry> Entries, string? Next);
