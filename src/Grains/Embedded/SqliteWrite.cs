using Microsoft.Data.Sqlite;

namespace Rollbook.Embedded;

/// <summary>
/// One waiting write: one statement, so that SQLite undoes it alone where it fails and no savepoint is needed.
/// Its task completes after the COMMIT of the transaction that it shares.
/// </summary>
/// <param name="sql">A constant text.</param>
/// <param name="bind">Names and values, in the order of the statement.</param>
internal sealed class SqliteWrite(string sql, params (string Name, object? Value)[] bind)
{
    private readonly TaskCompletionSource<bool> _done = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private Exception? _error;
    private bool _changed;

    /// <summary>Whether the statement changed a row; its exception is this call's own, or the outcome is unknown.</summary>
    public Task<bool> Done => _done.Task;

    /// <summary>The length of its longest value: the others are ids, numbers and names.</summary>
    public int Bytes { get; } = bind.Max(pair => (pair.Value as byte[])?.Length ?? 0);

    /// <summary>Runs the statement within the open transaction. Its own errors are kept for <see cref="Committed"/>.</summary>
    /// <exception cref="SqliteException">An error that concerns the whole transaction.</exception>
    public void Apply(SqliteSession session)
    {
        try
        {
            _changed = session.Run(sql, bind) > 0;
        }
        catch (SqliteException e) when (SqliteErrors.IsOfOneStatement(e))
        {
            _error = e;
        }
    }

    /// <summary>The transaction is durable.</summary>
    public void Committed()
    {
        if (_error is null) _done.TrySetResult(_changed);
        else _done.TrySetException(_error);
    }

    /// <summary>The transaction is not, or its fate is unknown: the exception's type tells.</summary>
    public void Failed(Exception error) => _done.TrySetException(error);
}
