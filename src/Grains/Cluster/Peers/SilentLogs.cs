using Rollbook.StepLog;

namespace Rollbook.Cluster;

/// <summary>
/// Logs whose silos membership takes for alive and which answer no release: after a while such a log is fenced, so that its episodes go on elsewhere. The fence makes
/// that safe; the time only spares a silo that is slow for a moment.
/// </summary>
internal sealed class SilentLogs(TimeSpan limit, TimeProvider time)
{
    private readonly Lock gate = new();
    private readonly Dictionary<LogId, (long First, long Last)> silent = [];

    /// <summary>The log's silo answered.</summary>
    public void Answered(LogId log)
    {
        lock (gate) silent.Remove(log);
    }

    /// <summary>A release had no answer.</summary>
    /// <param name="log">The log.</param>
    /// <param name="askedAt">When it was asked, by the clock's timestamps.</param>
    /// <returns>Whether releases have failed for so long that the log is to be fenced.</returns>
    public bool Failed(LogId log, long askedAt)
    {
        lock (gate)
        {
            var now = time.GetTimestamp();
            // Two failures with nothing asked in between say nothing of that time.
            if (!silent.TryGetValue(log, out var known) || time.GetElapsedTime(known.Last, askedAt) >= limit) known.First = askedAt;
            silent[log] = (known.First, now);
            return time.GetElapsedTime(known.First, now) >= limit;
        }
    }
}
