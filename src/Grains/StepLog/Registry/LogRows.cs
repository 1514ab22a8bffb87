using System.Collections.Concurrent;

namespace Rollbook.StepLog;

/// <summary>
/// Registry rows for who asks only whether a log may still be written. A fenced log stays fenced, so its row is read once: ten thousand episodes that are taken over
/// from a dead log cost one read. Who changes a row reads it from the registry.
/// </summary>
internal sealed class LogRows(ILogRegistry registry)
{
    private readonly ConcurrentDictionary<LogId, LogRow> fenced = new();

    /// <summary>The row, as it is where the log is open, as it once was where it is fenced; null where there is none.</summary>
    public async ValueTask<LogRow?> ReadAsync(LogId log, CancellationToken cancellation)
    {
        if (fenced.TryGetValue(log, out var known)) return known;
        var row = await registry.ReadAsync(log, cancellation);
        if (row is { State: >= LogState.Fenced }) fenced[log] = row;
        return row;
    }
}
