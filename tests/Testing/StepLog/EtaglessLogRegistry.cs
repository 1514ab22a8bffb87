using Rollbook.StepLog;

namespace Rollbook.Testing;

/// <summary>A broken registry: the last writer wins, whatever ETag it gave.</summary>
/// <param name="inner">The right registry.</param>
public sealed class EtaglessLogRegistry(ILogRegistry inner) : ILogRegistry
{
    /// <inheritdoc/>
    public async ValueTask<bool> InsertAsync(LogRow row, CancellationToken cancellation) =>
        await inner.InsertAsync(row, cancellation) || await ReplaceAsync(row, cancellation) is not null;

    /// <inheritdoc/>
    public ValueTask<LogRow?> ReadAsync(LogId log, CancellationToken cancellation) => inner.ReadAsync(log, cancellation);

    /// <inheritdoc/>
    public async ValueTask<LogRow?> ReplaceAsync(LogRow row, CancellationToken cancellation)
    {
        while (await inner.ReadAsync(row.Log, cancellation) is { } stored)
        {
            if (await inner.ReplaceAsync(row with { ETag = stored.ETag }, cancellation) is { } written) return written;
        }

        return null;
    }

    /// <inheritdoc/>
    public ValueTask<IReadOnlyList<LogRow>> ListAsync(IReadOnlyCollection<LogState> states, CancellationToken cancellation) =>
        inner.ListAsync(states, cancellation);
}
