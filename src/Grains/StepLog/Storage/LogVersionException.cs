namespace Rollbook.StepLog;

/// <summary>A chunk of a format that this release does not know. It is not damage: a newer silo reads it.</summary>
public sealed class LogVersionException(LogId log, long number)
    : IOException($"Chunk {number} of the log {log} has a format that this release does not know. Run the release that wrote it, or a newer one.");
