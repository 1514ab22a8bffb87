using Rollbook.StepLog;

namespace Rollbook.Episodes;

/// <summary>One term of an episode and the log that holds its frames.</summary>
/// <param name="Term">The term, from 1.</param>
/// <param name="Log">The log.</param>
public readonly record struct Extent(long Term, LogId Log);
