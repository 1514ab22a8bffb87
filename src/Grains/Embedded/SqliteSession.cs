using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace Rollbook.Embedded;

/// <summary>One connection with its prepared statements. Used by one thread at a time.</summary>
internal sealed class SqliteSession : IDisposable
{
    private readonly SqliteConnection _connection;
    private readonly Dictionary<string, SqliteCommand> _prepared = new(StringComparer.Ordinal);

    private SqliteSession(SqliteConnection connection) => _connection = connection;

    /// <summary>The connection, for the schema.</summary>
    public SqliteConnection Connection => _connection;

    /// <summary>Whether a transaction is open. SQLite ends one by itself after some errors.</summary>
    public bool InTransaction => raw.sqlite3_get_autocommit(_connection.Handle) == 0;

    /// <summary>Opens the one connection that writes.</summary>
    public static SqliteSession OpenWriter(SqliteDatabaseOptions options)
    {
        var session = Open(options, SqliteOpenMode.ReadWriteCreate);
        try
        {
            session.Execute("PRAGMA journal_mode = WAL");
            // FULL: the write-ahead file is synced at every COMMIT. NORMAL would lose the last ones in a power cut.
            session.Execute("PRAGMA synchronous = FULL");
            // The writer checkpoints by itself: SQLite's own checkpoint drops its errors, and a failed sync must be seen.
            session.Execute("PRAGMA wal_autocheckpoint = 0");
            // Pages reach the file at COMMIT only, so that a full disk shows there, in one place.
            session.Execute("PRAGMA cache_spill = OFF");
            session.Execute("PRAGMA journal_size_limit = 67108864");
            session.Execute("PRAGMA cache_size = -32768");
            return session;
        }
        catch
        {
            session.Dispose();
            throw;
        }
    }

    /// <summary>Opens a connection that only reads.</summary>
    public static SqliteSession OpenReader(SqliteDatabaseOptions options)
    {
        var session = Open(options, SqliteOpenMode.ReadWrite);
        session.Execute("PRAGMA query_only = ON");
        session.KeepWriteAheadFileOnClose();
        return session;
    }

    /// <summary>Closing the last connection copies the write-ahead file into the database, unless each was told not to.</summary>
    public void KeepWriteAheadFileOnClose() => raw.sqlite3_db_config(_connection.Handle, raw.SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, out _);

    /// <summary>The statement of this text, prepared once.</summary>
    public SqliteCommand Prepare(string sql)
    {
        if (_prepared.TryGetValue(sql, out var command)) return command;
        command = _connection.CreateCommand();
        command.CommandText = sql;
        _prepared[sql] = command;
        return command;
    }

    /// <summary>Runs a statement and returns how many rows it changed.</summary>
    public int Run(string sql, ReadOnlySpan<(string Name, object? Value)> bind)
    {
        var command = Bind(sql, bind);
        try
        {
            return command.ExecuteNonQuery();
        }
        finally
        {
            // A kept statement must not keep the last call's bytes alive.
            foreach (SqliteParameter parameter in command.Parameters) parameter.Value = null;
        }
    }

    /// <summary>Sets a prepared statement's parameters. They always come in the same order.</summary>
    public SqliteCommand Bind(string sql, ReadOnlySpan<(string Name, object? Value)> bind)
    {
        var command = Prepare(sql);
        if (command.Parameters.Count == 0)
        {
            foreach (var (name, _) in bind) command.Parameters.Add(new SqliteParameter { ParameterName = name });
        }

        for (var i = 0; i < bind.Length; i++) command.Parameters[i].Value = bind[i].Value ?? DBNull.Value;
        return command;
    }

    /// <summary>Runs a statement without parameters.</summary>
    public void Execute(string sql) => Prepare(sql).ExecuteNonQuery();

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var command in _prepared.Values) command.Dispose();
        _connection.Dispose();
    }

    private static SqliteSession Open(SqliteDatabaseOptions options, SqliteOpenMode mode)
    {
        var connection = new SqliteConnection(new SqliteConnectionStringBuilder
        {
            DataSource = options.FilePath,
            Mode = mode,
            Pooling = false,
            DefaultTimeout = options.LockTimeoutSeconds,
        }.ToString());
        try
        {
            connection.Open();
            var session = new SqliteSession(connection);
            session.Execute("PRAGMA temp_store = MEMORY");
            session.Execute("PRAGMA trusted_schema = OFF");
            return session;
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }
}
