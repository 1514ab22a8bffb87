using Microsoft.Data.Sqlite;

namespace Rollbook.Embedded;

/// <summary>What SQLite's result codes (https://sqlite.org/rescode.html) mean for a transaction that many calls share.</summary>
internal static class SqliteErrors
{
    private const int Busy = 5, Full = 13, TooBig = 18, Constraint = 19, Mismatch = 20;

    /// <summary>One statement was refused; the transaction stands without it.</summary>
    public static bool IsOfOneStatement(SqliteException error) => error.SqliteErrorCode is TooBig or Constraint or Mismatch;

    /// <summary>There is no room; harmless once the transaction is rolled back.</summary>
    public static bool IsFull(SqliteException error) => error.SqliteErrorCode == Full;

    /// <summary>Another program holds the lock; harmless before the transaction has begun.</summary>
    public static bool IsBusy(SqliteException error) => error.SqliteErrorCode == Busy;
}
