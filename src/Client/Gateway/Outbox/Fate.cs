namespace Rollbook.Client;

/// <summary>What became of steps that were not acknowledged. Each caller gets an exception of its own.</summary>
/// <param name="RecordedTo">Steps below this ordinal are recorded all the same: what an unknown answer had left, confirmed by the final one.</param>
/// <param name="Error">Makes the exception.</param>
internal sealed record Fate(long RecordedTo, Func<RollbookException> Error);
