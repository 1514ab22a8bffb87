namespace Rollbook.StepLog;

/// <summary>Where a fenced log ends.</summary>
/// <param name="Fence">The first number that holds no chunk, and never will.</param>
/// <param name="TornBytes">
/// Bytes that looked like the start of chunk <paramref name="Fence"/> and were cut, 0 for a clean end. At most one chunk can be torn, and it was never acknowledged
/// unless its bytes were damaged later: so a cut is always reported.
/// </param>
public readonly record struct LogEnd(long Fence, long TornBytes);
