using Microsoft.Extensions.Logging;
using Rollbook.StepLog;

namespace Rollbook.Cluster;

/// <summary>
/// Reads the own log's registry row again and again. A silo that was taken for dead finds its log fenced and stops itself, although nothing is written that would tell it;
/// one that is cut off from the registry refuses reads, since its episodes may be others' by now, and after a while stops itself, so that others have them.
/// </summary>
internal sealed partial class OwnLogWatch(LogId log, ILogRegistry registry, ClusterOptions options, TimeProvider time, ILogger<OwnLogWatch> logger)
{
    private readonly TimeSpan every = TimeSpan.FromSeconds(options.WatchSeconds);
    private readonly TimeSpan limit = TimeSpan.FromSeconds(options.RefuseReadsSeconds);
    private readonly TimeSpan leave = TimeSpan.FromSeconds(options.LeaveSeconds);
    private long answeredAt = time.GetTimestamp();

    /// <summary>Whether the registry said, not too long ago, that the log is this silo's.</summary>
    public bool MayAnswer => Unanswered < limit;

    private TimeSpan Unanswered => time.GetElapsedTime(Interlocked.Read(ref answeredAt));

    /// <summary>Watches until it is told to end, or until the log is this silo's no more.</summary>
    /// <param name="cancellation">Ends it.</param>
    /// <returns>Why the silo must stop; null where the watch was ended.</returns>
    public async Task<Exception?> RunAsync(CancellationToken cancellation)
    {
        while (!cancellation.IsCancellationRequested)
        {
            // As of the question: the answer may take its time.
            var asked = time.GetTimestamp();
            try
            {
                var row = await registry.ReadAsync(log, cancellation).AsTask().WaitAsync(limit < leave ? limit : leave, time, cancellation);
                if (row is not { State: LogState.Open }) return new LogFencedException(log);
                Interlocked.Exchange(ref answeredAt, asked);
            }
            catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
            {
                return null;
            }
            catch (Exception failure)
            {
                LogNoAnswer(failure, log);
                if (Unanswered >= leave) return new TimeoutException($"The registry has given no answer for {options.LeaveSeconds} s.", failure);
            }

            try
            {
                await Task.Delay(every, time, cancellation);
            }
            catch (OperationCanceledException)
            {
                return null;
            }
        }

        return null;
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "The registry did not tell whether the log {Log} is still this silo's; it is asked again.")]
    private partial void LogNoAnswer(Exception failure, LogId log);
}
