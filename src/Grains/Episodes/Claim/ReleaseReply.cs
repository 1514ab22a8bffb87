namespace Rollbook.Episodes;

/// <summary>What came of a release call.</summary>
/// <param name="Outcome">Whether the old owner stopped, is dead, or did not answer.</param>
/// <param name="Tail">With Released: the episode as that term left it; null where the log does not hold it any more (it ended).</param>
public readonly record struct ReleaseReply(ReleaseOutcome Outcome, EpisodeTail? Tail);
