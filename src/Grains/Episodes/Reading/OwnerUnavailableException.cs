using Rollbook.StepLog;

namespace Rollbook.Episodes;

/// <summary>The silo of a log did not answer, and nobody knows that it is dead: the caller tries again.</summary>
public sealed class OwnerUnavailableException(LogId log) : IOException($"The silo of the log {log} did not answer.");
