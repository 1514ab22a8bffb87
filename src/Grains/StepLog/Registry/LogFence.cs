namespace Rollbook.StepLog;

/// <summary>
/// Puts the fence of a log: the registry row first (Open → Fencing), then the device at the first free number, then the row again (Fenced).
/// The row comes first so that nothing is trimmed under the probe.
/// </summary>
/// <param name="registry">The rows.</param>
/// <param name="storage">The device.</param>
/// <param name="reader">The log of the silo that reads what it fences for all others; null = that is found later.</param>
public sealed class LogFence(ILogRegistry registry, IStepLogStorage storage, LogId? reader = null)
{
    /// <summary>Fences a log and returns its row in state Fenced or later. May be called by anybody, any number of times.</summary>
    /// <exception cref="LogCorruptException">The device found a damaged place before the end.</exception>
    /// <exception cref="InvalidOperationException">The registry has no such log.</exception>
    public async ValueTask<LogRow> FenceAsync(LogId log, CancellationToken cancellation)
    {
        while (true)
        {
            var row = await registry.ReadAsync(log, cancellation)
                ?? throw new InvalidOperationException($"The registry has no row of the log {log}: it was never opened.");
            switch (row.State)
            {
                case LogState.Open:
                    await registry.ReplaceAsync(row with { State = LogState.Fencing }, cancellation);
                    break;
                case LogState.Fencing:
                    var end = await storage.FenceAsync(log, row.TrimmedTo, cancellation);
                    await registry.ReplaceAsync(row with { State = LogState.Fenced, Fence = end.Fence, Reader = reader }, cancellation);
                    break;
                default:
                    return row;
            }
        }
    }
}
