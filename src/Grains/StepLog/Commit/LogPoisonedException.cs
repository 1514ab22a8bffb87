namespace Rollbook.StepLog;

/// <summary>The log takes no more, since a write failed in a way that leaves the outcome unknown. Its silo stops itself.</summary>
public sealed class LogPoisonedException(LogId log, Exception? inner)
    : IOException($"The log {log} failed and takes no more; what was waiting is unknown, not refused. The silo stops itself: start it again.", inner);
