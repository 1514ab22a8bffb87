using Rollbook.StepLog;

namespace Rollbook.Testing;

/// <summary>A registry whose calls pass a gate.</summary>
/// <param name="inner">The registry behind it.</param>
/// <param name="gate">Decides about each call.</param>
public sealed class GatedLogRegistry(ILogRegistry inner, CallGate gate) : ILogRegistry
{
    /// <inheritdoc/>
    public ValueTask<bool> InsertAsync(LogRow row, CancellationToken cancellation) => gate.CallAsync($"registry insert {row.Log}", () => inner.InsertAsync(row, cancellation));

    /// <inheritdoc/>
    public ValueTask<LogRow?> ReadAsync(LogId log, CancellationToken cancellation) => gate.CallAsync($"registry read {log}", () => inner.ReadAsync(log, cancellation));

    /// <inheritdoc/>
    public ValueTask<LogRow?> ReplaceAsync(LogRow row, CancellationToken cancellation) => gate.CallAsync($"registry replace {row.Log}", () => inner.ReplaceAsync(row, cancellation));

    /// <inheritdoc/>
    public ValueTask<IReadOnlyList<LogRow>> ListAsync(IReadOnlyCollection<LogState> states, CancellationToken cancellation) =>
        gate.CallAsync("registry list", () => inner.ListAsync(states, cancellation));
}
