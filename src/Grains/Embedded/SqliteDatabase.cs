using System.Collections.Concurrent;

namespace Rollbook.Embedded;

/// <summary>
/// The embedded database: headers, registry and grain state of one process, in one file beside the step log. Write-ahead mode, synced at
/// every COMMIT. One connection writes; many calls share a COMMIT, and each returns after it. Reads use other connections and see
/// what was committed before they began.
/// </summary>
/// <remarks>
/// A COMMIT or fsync that fails poisons the database: the calls of that COMMIT and all later ones throw <see cref="SqlitePoisonedException"/>,
/// <see cref="Poisoned"/> completes, and the host has to stop. A full disk doesn't: the calls of that COMMIT throw
/// <see cref="Rollbook.StepLog.StorageFullException"/>, nothing of them is stored, and later ones may succeed.
/// </remarks>
public sealed class SqliteDatabase : IDisposable
{
    private readonly SqliteDatabaseOptions _options;
    private readonly SqliteWriter _writer;
    private readonly ConcurrentBag<SqliteSession> _readers = [];
    private readonly SemaphoreSlim _readerSlots;
    private int _disposed;

    /// <summary>Opens or creates the database and brings its tables to this release's version.</summary>
    /// <param name="options">Where and how.</param>
    /// <exception cref="SqliteSchemaException">A newer release wrote the file, or it is none of ours.</exception>
    public SqliteDatabase(SqliteDatabaseOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        options.Validate();
        _options = options;
        _readerSlots = new SemaphoreSlim(options.MaxReaders);
        var session = SqliteSession.OpenWriter(options);
        try
        {
            SqliteSchema.Migrate(session.Connection);
            _writer = new SqliteWriter(options, session);
        }
        catch
        {
            session.Dispose();
            throw;
        }
    }

    /// <summary>Completes with the cause once the database takes no more calls, and never otherwise. The host awaits it and stops.</summary>
    public Task<Exception> Poisoned => _writer.Poisoned;

    /// <summary>Runs one statement, durable when it returns. False where it changed no row: the condition didn't hold.</summary>
    internal ValueTask<bool> WriteAsync(SqliteWrite write, CancellationToken cancellation) => _writer.WriteAsync(write, cancellation);

    /// <summary>Reads on a connection that no one else uses meanwhile. The reader must be disposed before the function returns.</summary>
    /// <remarks>Runs on the caller's thread: a row by its key is a few microseconds, less than a change of threads.</remarks>
    internal async ValueTask<T> ReadAsync<TState, T>(TState state, Func<SqliteSession, TState, T> read, CancellationToken cancellation)
    {
        _writer.ThrowIfPoisoned();
        ObjectDisposedException.ThrowIf(Volatile.Read(ref _disposed) != 0, this);
        await _readerSlots.WaitAsync(cancellation);
        try
        {
            if (!_readers.TryTake(out var session)) session = SqliteSession.OpenReader(_options);
            try
            {
                return read(session, state);
            }
            finally
            {
                if (Volatile.Read(ref _disposed) == 0) _readers.Add(session);
                else session.Dispose();
            }
        }
        finally
        {
            _readerSlots.Release();
        }
    }

    /// <summary>Commits what waits and closes the file. No call may be under way.</summary>
    public void Dispose()
    {
        if (Interlocked.Exchange(ref _disposed, 1) != 0) return;
        while (_readers.TryTake(out var reader)) reader.Dispose();
        _writer.Close();
    }
}
