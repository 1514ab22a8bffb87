using System.Threading.Channels;
using Microsoft.Data.Sqlite;
using Rollbook.StepLog;

namespace Rollbook.Embedded;

/// <summary>
/// The one thread that writes. It takes all calls that wait, runs them in one transaction, and releases them after its COMMIT;
/// while it syncs, the next ones gather. No timer: a lone call is committed at once.
/// </summary>
internal sealed class SqliteWriter
{
    private readonly SqliteDatabaseOptions _options;
    private readonly SqliteSession _session;
    private readonly Channel<SqliteWrite> _waiting;
    private readonly List<SqliteWrite> _batch = [];
    private readonly TaskCompletionSource<Exception> _poisoned = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Thread _thread;
    private int _sinceCheckpoint;

    /// <summary>Starts the thread. The session belongs to it from now on.</summary>
    public SqliteWriter(SqliteDatabaseOptions options, SqliteSession session)
    {
        _options = options;
        _session = session;
        _waiting = Channel.CreateBounded<SqliteWrite>(new BoundedChannelOptions(options.MaxWaiting) { SingleReader = true });
        // The last process may have left a long write-ahead file. Here, so that a disk which fails already fails the opening.
        Checkpoint();
        // A thread of its own: it blocks in fsync, which must not take threads from the pool that grains run on.
        _thread = new Thread(Loop) { IsBackground = true, Name = "rollbook-sqlite" };
        _thread.Start();
    }

    /// <summary>Completes with the cause once the database takes no more calls. Never completes otherwise.</summary>
    public Task<Exception> Poisoned => _poisoned.Task;

    /// <summary>Throws where the database takes no more calls.</summary>
    public void ThrowIfPoisoned()
    {
        if (_poisoned.Task.IsCompleted) throw Unusable();
    }

    /// <summary>Queues a write and waits until its transaction is durable.</summary>
    /// <param name="write">The write.</param>
    /// <param name="cancellation">Cancels the wait only, once the write is queued.</param>
    public async ValueTask<bool> WriteAsync(SqliteWrite write, CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        if (!_waiting.Writer.TryWrite(write))
        {
            try
            {
                await _waiting.Writer.WriteAsync(write, cancellation);
            }
            catch (ChannelClosedException)
            {
                throw Unusable();
            }
        }

        return await (cancellation.CanBeCanceled ? write.Done.WaitAsync(cancellation) : write.Done);
    }

    /// <summary>Commits what waits, ends the thread and closes the connection. Blocks for the last COMMIT.</summary>
    public void Close()
    {
        _waiting.Writer.TryComplete();
        _thread.Join();
    }

    private Exception Unusable() => _poisoned.Task.IsCompletedSuccessfully
        ? new SqlitePoisonedException(_options.FilePath, _poisoned.Task.Result)
        : new ObjectDisposedException(nameof(SqliteDatabase));

    private void Loop()
    {
        try
        {
            // Blocking is what this thread is for.
            while (_waiting.Reader.WaitToReadAsync().AsTask().GetAwaiter().GetResult())
            {
                Gather();
                Commit();
                _batch.Clear();
            }

            CloseSession();
        }
        catch (Exception cause)
        {
            Poison(cause);
        }
    }

    private void Gather()
    {
        var bytes = 0L;
        while (_batch.Count < _options.MaxCallsPerCommit && bytes < _options.MaxBytesPerCommit && _waiting.Reader.TryRead(out var write))
        {
            _batch.Add(write);
            bytes += write.Bytes;
        }
    }

    private void Commit()
    {
        if (!TryBegin()) return;
        try
        {
            foreach (var write in _batch) write.Apply(_session);
            _session.Execute("COMMIT");
        }
        catch (SqliteException e) when (SqliteErrors.IsFull(e))
        {
            // Frames without a commit mark never count, so after the rollback nothing of this batch is stored.
            if (_session.InTransaction) _session.Execute("ROLLBACK");
            Fail(new StorageFullException($"No room for {_options.FilePath}: nothing was written. Make room on the disk.", e));
            // What is already stored may move to the database's file, so that the write-ahead file has room from its start.
            if (_sinceCheckpoint > 0) Checkpoint();
            return;
        }

        foreach (var write in _batch) write.Committed();
        _sinceCheckpoint += _batch.Count;
        if (_sinceCheckpoint >= _options.CallsPerCheckpoint) Checkpoint();
    }

    private bool TryBegin()
    {
        try
        {
            _session.Execute("BEGIN IMMEDIATE");
            return true;
        }
        catch (SqliteException e) when (SqliteErrors.IsBusy(e))
        {
            Fail(new IOException($"Another program holds the lock of {_options.FilePath}: nothing was written. Close it.", e));
            return false;
        }
    }

    private void Checkpoint()
    {
        try
        {
            // PASSIVE never waits for readers. It ends short of what a reader still needs; the next one goes on from there.
            _session.Execute("PRAGMA wal_checkpoint(PASSIVE)");
            _sinceCheckpoint = 0;
        }
        catch (SqliteException e) when (SqliteErrors.IsFull(e) || SqliteErrors.IsBusy(e))
        {
            // All that was committed stays in the write-ahead file: the next COMMIT tries again.
        }
    }

    private void CloseSession()
    {
        try
        {
            _session.Execute("PRAGMA wal_checkpoint(TRUNCATE)");
        }
        catch (SqliteException)
        {
            // The next process replays the write-ahead file.
        }

        _session.Dispose();
    }

    private void Fail(Exception error)
    {
        foreach (var write in _batch) write.Failed(error);
    }

    private void Poison(Exception cause)
    {
        // In this order: whoever finds the channel closed finds the cause, too.
        _poisoned.TrySetResult(cause);
        _waiting.Writer.TryComplete();
        var error = Unusable();
        Fail(error);
        while (_waiting.Reader.TryRead(out var write)) write.Failed(error);
        // No more writes to a file that failed: the next process replays the write-ahead file.
        _session.KeepWriteAheadFileOnClose();
        _session.Dispose();
    }
}
