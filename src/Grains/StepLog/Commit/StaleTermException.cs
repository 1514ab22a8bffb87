namespace Rollbook.StepLog;

/// <summary>A newer term of the episode was claimed: this activation may not write it any more.</summary>
public sealed class StaleTermException(EpisodeKey key, long term) : InvalidOperationException($"Term {term} of {key} is over: a newer one was claimed.");
