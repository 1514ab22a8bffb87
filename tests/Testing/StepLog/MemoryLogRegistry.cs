using Rollbook.StepLog;

namespace Rollbook.Testing;

/// <summary>
/// <see cref="ILogRegistry"/> in memory. Every call completes before it returns, on the caller's thread, and the ETags come from the seed:
/// a run under a single-threaded scheduler repeats exactly.
/// </summary>
/// <param name="seed">The seed of the ETags.</param>
public sealed class MemoryLogRegistry(int seed = 0) : ILogRegistry
{
    private readonly Lock _gate = new();
    private readonly Random _random = new(seed);
    private readonly SortedDictionary<LogId, LogRow> _rows = [];

    /// <inheritdoc/>
    public ValueTask<bool> InsertAsync(LogRow row, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(row);
        if (cancellation.IsCancellationRequested) return ValueTask.FromCanceled<bool>(cancellation);
        lock (_gate) return ValueTask.FromResult(_rows.TryAdd(row.Log, row with { ETag = SeededETag.Next(_random) }));
    }

    /// <inheritdoc/>
    public ValueTask<LogRow?> ReadAsync(LogId log, CancellationToken cancellation)
    {
        if (cancellation.IsCancellationRequested) return ValueTask.FromCanceled<LogRow?>(cancellation);
        lock (_gate) return ValueTask.FromResult(_rows.GetValueOrDefault(log));
    }

    /// <inheritdoc/>
    public ValueTask<LogRow?> ReplaceAsync(LogRow row, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(row);
        if (cancellation.IsCancellationRequested) return ValueTask.FromCanceled<LogRow?>(cancellation);
        lock (_gate)
        {
            if (!_rows.TryGetValue(row.Log, out var stored) || stored.ETag != row.ETag) return ValueTask.FromResult<LogRow?>(null);
            return ValueTask.FromResult<LogRow?>(_rows[row.Log] = row with { ETag = SeededETag.Next(_random) });
        }
    }

    /// <inheritdoc/>
    public ValueTask<IReadOnlyList<LogRow>> ListAsync(IReadOnlyCollection<LogState> states, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(states);
        if (cancellation.IsCancellationRequested) return ValueTask.FromCanceled<IReadOnlyList<LogRow>>(cancellation);
        lock (_gate) return ValueTask.FromResult<IReadOnlyList<LogRow>>([.. _rows.Values.Where(row => states.Contains(row.State))]);
    }
}
