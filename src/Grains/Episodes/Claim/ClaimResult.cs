using Rollbook.StepLog;

namespace Rollbook.Episodes;

/// <summary>What came of a claim.</summary>
/// <param name="Code">Ok; EpisodeNotFound; Unavailable (lost the race, or the old owner did not answer); Busy; Damaged.</param>
/// <param name="Header">With Ok: the header that names this claim.</param>
/// <param name="Claim">With Ok: the right to append.</param>
public readonly record struct ClaimResult(RollbookCode Code, EpisodeHeader? Header, LogClaim? Claim);
