namespace Rollbook.Loggers;

/// <summary>The durable state of one worker's logger.</summary>
internal interface ILoggerStore
{
    /// <summary>What was read at activation, or written last.</summary>
    LoggerState Stored { get; }

    /// <summary>Writes the state, durable when it returns. An exception means that the outcome is unknown: this activation goes.</summary>
    Task WriteAsync(LoggerState state);
}
