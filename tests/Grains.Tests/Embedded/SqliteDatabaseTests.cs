using Microsoft.Data.Sqlite;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Rollbook.Embedded;
using Rollbook.Episodes;
using Rollbook.StepLog;
using Rollbook.Testing;
using Xunit;

namespace Rollbook.Grains.Tests.Embedded;

public sealed class SqliteDatabaseTests : IDisposable
{
    // Long: a slow machine must not time out where a test holds the lock for a moment.
    private readonly SqliteSubject<IHeaderStore> _subject = new(
        database => new SqliteHeaderStore(database),
        directory => new SqliteDatabaseOptions { Directory = directory, LockTimeoutSeconds = 60 });

    public void Dispose() => _subject.Dispose();

    [Fact]
    public async Task Open_WhenANewerReleaseWroteIt_IsRefusedAndLeftAlone()
    {
        await WriteAsync(1);
        _subject.Database.Dispose();
        Execute("PRAGMA user_version = 99");

        var refusal = Assert.Throws<SqliteSchemaException>(() => new SqliteDatabase(new SqliteDatabaseOptions { Directory = Path.GetDirectoryName(_subject.FilePath)! }));
        Assert.Contains("schema 99", refusal.Message, StringComparison.Ordinal);
        Assert.Contains(_subject.FilePath, refusal.Message, StringComparison.Ordinal);
        Assert.Equal(99L, Execute("PRAGMA user_version"));
        Assert.Equal(1L, Execute("SELECT count(*) FROM headers"));
    }

    [Fact]
    public void Open_WhenItIsAnotherProgramsDatabase_IsRefusedAndLeftAlone()
    {
        Execute("CREATE TABLE theirs (a)");

        var refusal = Assert.Throws<SqliteSchemaException>(() => _subject.Database);
        Assert.Contains("not a Rollbook database", refusal.Message, StringComparison.Ordinal);
        Assert.Equal(1L, Execute("SELECT count(*) FROM sqlite_master"));
    }

    [Fact]
    public void Open_WhenNew_WritesAheadAndMarksItsFile()
    {
        _subject.Database.Dispose();

        Assert.Equal("wal", Execute("PRAGMA journal_mode"));
        Assert.Equal((long)SqliteSchema.ApplicationId, Execute("PRAGMA application_id"));
        Assert.Equal((long)SqliteSchema.Current, Execute("PRAGMA user_version"));
    }

    [Fact]
    public async Task WriteAsync_WhenTheDiskIsFullAtCommit_StoresNothingAndWorksAgainLater()
    {
        var kept = await WriteAsync(1);
        // Nothing is left to checkpoint: the stand-in could not be read back.
        _subject.Reopen();
        Assert.NotNull(_subject.Database);
        using (WalFile.Full(_subject.FilePath))
        {
            var calls = Enumerable.Range(2, 20).Select(i => WriteAsync(i)).ToArray();
            foreach (var call in calls) await Assert.ThrowsAsync<StorageFullException>(() => call);
            await Assert.ThrowsAsync<StorageFullException>(() => WriteAsync(1, kept!.ETag));
        }

        Assert.False(_subject.Database.Poisoned.IsCompleted);
        for (var i = 2; i < 22; i++) Assert.Null(await ReadAsync(i));
        Assert.Equal(kept!.ETag, (await ReadAsync(1))!.ETag);
        for (var i = 2; i < 22; i++) Assert.NotNull(await WriteAsync(i));
        Assert.NotNull(await WriteAsync(1, kept.ETag));

        _subject.Reopen();
        for (var i = 1; i < 22; i++) Assert.NotNull(await ReadAsync(i));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task WriteAsync_WhenTheCommitOrItsSyncFails_PoisonsTheDatabase(bool sync)
    {
        var kept = await WriteAsync(1);
        using (sync ? WalFile.Unsyncable(_subject.FilePath) : WalFile.Unwritable(_subject.FilePath))
        {
            var calls = Enumerable.Range(2, 20).Select(i => WriteAsync(i)).ToArray();
            foreach (var call in calls) await Assert.ThrowsAsync<SqlitePoisonedException>(() => call);
            var cause = Assert.IsType<SqliteException>(await _subject.Database.Poisoned.WaitAsync(TimeSpan.FromSeconds(30), TimeProvider.System));
            // SQLITE_IOERR_FSYNC and SQLITE_IOERR_WRITE.
            Assert.Equal(sync ? 1034 : 778, cause.SqliteExtendedErrorCode);
        }

        // The file works again, and still nothing is tried on it.
        await Assert.ThrowsAsync<SqlitePoisonedException>(() => WriteAsync(30));
        await Assert.ThrowsAsync<SqlitePoisonedException>(() => ReadAsync(1));

        _subject.Reopen();
        Assert.Equal(kept!.ETag, (await ReadAsync(1))!.ETag);
        Assert.NotNull(await WriteAsync(30));
    }

    [Fact]
    public async Task Host_WhenTheDatabaseIsPoisoned_Stops()
    {
        using var directory = new TempDirectory();
        var builder = new HostApplicationBuilder();
        builder.Logging.ClearProviders();
        builder.Services.AddSqliteDatabase(_ => new SqliteDatabaseOptions { Directory = directory.Path });
        using var host = builder.Build();
        await host.StartAsync();
        var exitCode = Environment.ExitCode;
        using (WalFile.Unsyncable(Path.Combine(directory.Path, SqliteDatabaseOptions.FileName)))
        {
            var store = host.Services.GetRequiredService<IHeaderStore>();
            await Assert.ThrowsAsync<SqlitePoisonedException>(async () => await store.WriteAsync(Header(1), CancellationToken.None));
            await host.WaitForShutdownAsync().WaitAsync(TimeSpan.FromSeconds(30), TimeProvider.System);
        }

        Assert.Equal(1, Environment.ExitCode);
        // The test process itself is fine.
        Environment.ExitCode = exitCode;
    }

    [Fact]
    public void Open_WhenAnOptionCannotWork_IsRefused() => Assert.Throws<ArgumentOutOfRangeException>(
        () => new SqliteDatabase(new SqliteDatabaseOptions { Directory = Path.GetTempPath(), LockTimeoutSeconds = 0 }));

    [Fact]
    public async Task WriteAsync_WhenAnotherProgramHoldsTheLock_FailsAndWorksAgainLater()
    {
        await WriteAsync(1);
        _subject.Database.Dispose();
        using var database = new SqliteDatabase(new SqliteDatabaseOptions { Directory = Path.GetDirectoryName(_subject.FilePath)!, LockTimeoutSeconds = 1 });
        var store = new SqliteHeaderStore(database);
        using (Locked())
        {
            var refusal = await Assert.ThrowsAsync<IOException>(async () => await store.WriteAsync(Header(2), CancellationToken.None));
            Assert.Contains("Another program", refusal.Message, StringComparison.Ordinal);
        }

        Assert.Null(await store.ReadAsync(Header(2).Key, CancellationToken.None));
        Assert.NotNull(await store.WriteAsync(Header(2), CancellationToken.None));
    }

    [Fact]
    public async Task WriteAsync_WhenCancelledWhileItWaits_EndsTheWaitOnly()
    {
        await WriteAsync(1);
        using var cancellation = new CancellationTokenSource();
        ValueTask<EpisodeHeader?> cancelled;
        Task<EpisodeHeader?> next;
        using (Locked())
        {
            cancelled = _subject.Store.WriteAsync(Header(2), cancellation.Token);
            next = WriteAsync(3);
            await cancellation.CancelAsync();
            await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await cancelled);
        }

        Assert.NotNull(await next);
        Assert.NotNull(await ReadAsync(2));
    }

    [Fact]
    public async Task Dispose_WhenCallsWait_CommitsThemFirst()
    {
        var calls = Enumerable.Range(1, 500).Select(i => WriteAsync(i)).ToArray();
        _subject.Database.Dispose();

        Assert.All(await Task.WhenAll(calls), Assert.NotNull);
        await Assert.ThrowsAsync<ObjectDisposedException>(() => WriteAsync(501));
        await Assert.ThrowsAsync<ObjectDisposedException>(() => ReadAsync(1));
        Assert.Equal(500L, Execute("SELECT count(*) FROM headers"));
    }

    [Fact]
    public async Task WriteAsync_WhenManyWait_KeepsTheWriteAheadFileSmall()
    {
        for (var round = 0; round < 20; round++) await Task.WhenAll(Enumerable.Range(round * 2000, 2000).Select(i => WriteAsync(i)));

        // 40,000 inserts write well over 40 MB of pages; the file goes back to its start after each checkpoint.
        Assert.InRange(new FileInfo(_subject.FilePath + "-wal").Length, 1, 24 << 20);
    }

    private static EpisodeHeader Header(int id, string? etag = null) => new()
    {
        Key = new EpisodeKey("default", new EpisodeId((UInt128)id * 0x9E3779B97F4A7C15)),
        Term = 1,
        Owner = new LogId(5),
        Extents = [new Extent(1, new LogId(5))],
        Nonce = "n",
        ETag = etag,
    };

    private Task<EpisodeHeader?> WriteAsync(int id, string? etag = null) => _subject.Store.WriteAsync(Header(id, etag), CancellationToken.None).AsTask();

    private Task<EpisodeHeader?> ReadAsync(int id) => _subject.Store.ReadAsync(Header(id).Key, CancellationToken.None).AsTask();

    private SqliteConnection Open()
    {
        var connection = new SqliteConnection($"Data Source={_subject.FilePath};Pooling=False");
        connection.Open();
        return connection;
    }

    private SqliteConnection Locked()
    {
        var connection = Open();
        using var command = connection.CreateCommand();
        command.CommandText = "BEGIN IMMEDIATE";
        command.ExecuteNonQuery();
        return connection;
    }

    private object? Execute(string sql)
    {
        using var connection = Open();
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        return command.ExecuteScalar();
    }
}
