namespace Rollbook.StepLog;

/// <summary>One frame of a batch, for its index entry and for the release of its waiters.</summary>
internal readonly record struct BatchFrame(
    LogClaim? Claim, FrameKind Kind, EpisodeKey Key, long Term, long Ordinal, int Count, int Offset, int Length);
