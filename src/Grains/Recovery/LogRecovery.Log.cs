using Microsoft.Extensions.Logging;
using Rollbook.StepLog;

namespace Rollbook.Recovery;

// What it tells people.
public sealed partial class LogRecovery
{
    [LoggerMessage(Level = LogLevel.Warning, Message = "The pass over the dead log {Log} is done here: who does it for all did not answer.")]
    private partial void LogNotAsked(Exception failure, LogId log);

    [LoggerMessage(Level = LogLevel.Error, Message = "The dead log {Log} could not be fenced; it is tried again. Until then its episodes are unavailable.")]
    private partial void LogNotFenced(Exception failure, LogId log);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The recovery of the dead log {Log} did not get on; it is tried again.")]
    private partial void LogNotRecovered(Exception failure, LogId log);

    [LoggerMessage(Level = LogLevel.Error, Message = "The log {Log} was written by a newer release and is left for it. Until that release runs, its episodes are unavailable.")]
    private partial void LogLeft(Exception newer, LogId log);

    [LoggerMessage(Level = LogLevel.Information, Message = "The log {Log} is recovered: {Chunks} chunks.")]
    private partial void LogRecovered(LogId log, long chunks);
}
