namespace Rollbook.StepLog;

/// <summary>The log takes no more chunks: another process fenced it. Nothing that was waiting will ever be stored by it.</summary>
public sealed class LogFencedException(LogId log) : IOException($"The log {log} is fenced: it takes no more.")
{
    /// <summary>The log.</summary>
    public LogId Log => log;
}
