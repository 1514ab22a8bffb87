namespace Rollbook.StepLog;

/// <summary>A damaged place in the middle of a log: valid chunks of it lie behind. Nothing is guessed and nothing is deleted.</summary>
public sealed class LogCorruptException(LogId log, long number, string place)
    : IOException($"The log {log} is damaged at chunk {number} ({place}). Run 'rollbook verify' on its data directory; 'rollbook repair' accepts the loss.")
{
    /// <summary>The log.</summary>
    public LogId Log => log;

    /// <summary>The first chunk that cannot be read.</summary>
    public long Number => number;
}
