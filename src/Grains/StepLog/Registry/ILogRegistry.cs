namespace Rollbook.StepLog;

/// <summary>The durable list of all logs that ever were, with compare-and-swap.</summary>
/// <remarks>
/// Every call is durable when it returns. An exception means that the outcome is unknown; a lost race is a result, not an exception.
/// </remarks>
public interface ILogRegistry
{
    /// <summary>Inserts a row. False where the log has one.</summary>
    ValueTask<bool> InsertAsync(LogRow row, CancellationToken cancellation);

    /// <summary>The row; null where there is none.</summary>
    ValueTask<LogRow?> ReadAsync(LogId log, CancellationToken cancellation);

    /// <summary>Replaces the row where its ETag is still <paramref name="row"/>'s; the new row, or null for a lost race.</summary>
    ValueTask<LogRow?> ReplaceAsync(LogRow row, CancellationToken cancellation);

    /// <summary>All rows in the given states, oldest log first.</summary>
    ValueTask<IReadOnlyList<LogRow>> ListAsync(IReadOnlyCollection<LogState> states, CancellationToken cancellation);
}
