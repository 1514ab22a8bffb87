using Rollbook.StepLog;
using Xunit;

namespace Rollbook.Testing;

/// <summary>What every <see cref="ILogRegistry"/> must do. A provider's suite derives from this and gives its subject.</summary>
/// <param name="subject">The registry, owned by the suite from here on.</param>
public abstract class LogRegistryConformance(IStoreSubject<ILogRegistry> subject) : IDisposable
{
    private readonly CancellationToken _token = CancellationToken.None;

    private ILogRegistry Registry => subject.Store;

    [Fact]
    public async Task ReadAsync_WhenNeverInserted_IsNull() => Assert.Null(await Registry.ReadAsync(new LogId(1), _token));

    [Fact]
    public async Task InsertAsync_WhenNew_StoresTheRow()
    {
        Assert.True(await Registry.InsertAsync(Row(1), _token));

        var stored = await Registry.ReadAsync(new LogId(1), _token);
        Assert.False(string.IsNullOrEmpty(stored!.ETag));
        Assert.Equal(Row(1) with { ETag = stored.ETag }, stored);
    }

    [Fact]
    public async Task InsertAsync_WhenPresent_LosesAndKeepsTheFirst()
    {
        var stored = await InsertedAsync(Row(1));

        Assert.False(await Registry.InsertAsync(Row(1) with { Address = "elsewhere" }, _token));
        Assert.Equal(stored, await Registry.ReadAsync(new LogId(1), _token));
    }

    [Fact]
    public async Task ReplaceAsync_WithTheCurrentETag_ReplacesTheRow()
    {
        var stored = await InsertedAsync(Row(1));
        var next = stored with { State = LogState.Fenced, Fence = 42, TrimmedTo = 7, Failures = 2, Quarantined = 9, Address = "b", ProcessId = 3 };
        var replaced = await Registry.ReplaceAsync(next, _token);

        Assert.NotNull(replaced);
        Assert.NotEqual(stored.ETag, replaced.ETag);
        Assert.Equal(next with { ETag = replaced.ETag }, replaced);
        Assert.Equal(replaced, await Registry.ReadAsync(new LogId(1), _token));
    }

    [Fact]
    public async Task ReplaceAsync_WithAStaleETag_LosesAndKeepsTheNewer()
    {
        var stored = await InsertedAsync(Row(1));
        var replaced = await Registry.ReplaceAsync(stored with { State = LogState.Fencing }, _token);

        Assert.Null(await Registry.ReplaceAsync(stored with { TrimmedTo = 100 }, _token));
        Assert.Equal(replaced, await Registry.ReadAsync(new LogId(1), _token));
    }

    [Fact]
    public async Task ReplaceAsync_WithoutAnETag_LosesAndKeepsTheRow()
    {
        var stored = await InsertedAsync(Row(1));

        Assert.Null(await Registry.ReplaceAsync(Row(1) with { TrimmedTo = 100 }, _token));
        Assert.Equal(stored, await Registry.ReadAsync(new LogId(1), _token));
    }

    [Fact]
    public async Task ReplaceAsync_WhenAbsent_LosesAndStoresNothing()
    {
        Assert.Null(await Registry.ReplaceAsync(Row(1) with { ETag = "none" }, _token));
        Assert.Null(await Registry.ReadAsync(new LogId(1), _token));
    }

    [Fact]
    public async Task ReplaceAsync_WithTheSameContent_GivesANewETagEachTime()
    {
        var etags = new HashSet<string>();
        LogRow? row = await InsertedAsync(Row(1));
        for (var i = 0; i < 50; i++)
        {
            Assert.True(etags.Add(row!.ETag!), "an ETag came twice");
            row = await Registry.ReplaceAsync(row, _token);
            Assert.NotNull(row);
        }
    }

    [Fact]
    public async Task InsertAsync_WhenManyAtOnce_OneWins()
    {
        var answers = await AtOnceAsync(64, i => Registry.InsertAsync(Row(1) with { ProcessId = i }, _token));
        Assert.Single(answers, won => won);
    }

    [Fact]
    public async Task ReplaceAsync_WhenManyAtOnce_OneWins()
    {
        var stored = await InsertedAsync(Row(1));
        var answers = await AtOnceAsync(64, i => Registry.ReplaceAsync(stored with { ProcessId = i }, _token));

        var winner = Assert.Single(answers, answer => answer is not null);
        Assert.Equal(winner, await Registry.ReadAsync(new LogId(1), _token));
    }

    [Fact]
    public async Task ListAsync_ByStates_GivesThoseOldestFirst()
    {
        // Not in the order of their ids, and with ids that a signed or textual order would turn around.
        UInt128[] ids = [UInt128.One << 127, 3, UInt128.MaxValue, 1, (UInt128)10 << 64, 2];
        foreach (var id in ids) await InsertedAsync(Row(id));
        foreach (var id in new[] { ids[1], ids[2] }) await MoveAsync(id, LogState.Fenced);
        await MoveAsync(2, LogState.Recovered);

        Assert.Equal([1, (UInt128)10 << 64, UInt128.One << 127], await ListAsync(LogState.Open));
        Assert.Equal([3, UInt128.MaxValue], await ListAsync(LogState.Fenced));
        Assert.Equal([2, 3, UInt128.MaxValue], await ListAsync(LogState.Recovered, LogState.Fenced, LogState.Trimmed));
        Assert.Equal(ids.Order(), await ListAsync(Enum.GetValues<LogState>()));
        Assert.Empty(await ListAsync());
        Assert.Empty(await ListAsync(LogState.Fencing));
    }

    [Fact]
    public async Task InsertAsync_WithExtremeValues_GivesThemBack()
    {
        var row = Row(UInt128.MaxValue) with
        {
            Address = "[fe80::1%eth0]:11111 \u0416'\"",
            Generation = long.MinValue,
            BootId = "",
            ProcessId = int.MaxValue,
            CreatedAt = long.MaxValue,
            State = LogState.Trimmed,
            Fence = 0,
            TrimmedTo = long.MaxValue,
            Failures = int.MaxValue,
            Quarantined = 0,
        };
        Assert.Equal(row, await InsertedAsync(row) with { ETag = null });
    }

    [Fact]
    public async Task InsertAsync_WhenCancelledBefore_StoresNothing()
    {
        var cancelled = new CancellationToken(canceled: true);

        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await Registry.InsertAsync(Row(1), cancelled));
        Assert.Null(await Registry.ReadAsync(new LogId(1), _token));
    }

    [Fact]
    public async Task Reopen_WhenWritten_KeepsRowsAndETags()
    {
        var stored = await InsertedAsync(Row(1));
        var replaced = await Registry.ReplaceAsync(stored with { State = LogState.Fencing }, _token);
        subject.Reopen();

        Assert.Equal(replaced, await Registry.ReadAsync(new LogId(1), _token));
        Assert.False(await Registry.InsertAsync(Row(1), _token));
        Assert.Null(await Registry.ReplaceAsync(stored, _token));
        Assert.NotNull(await Registry.ReplaceAsync(replaced!, _token));
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        subject.Dispose();
        GC.SuppressFinalize(this);
    }

    private static LogRow Row(UInt128 id) => new()
    {
        Log = new LogId(id),
        Address = "127.0.0.1:11111",
        Generation = 5,
        BootId = "boot",
        ProcessId = 77,
        CreatedAt = 1_790_000_000_000,
    };

    private async Task<LogRow> InsertedAsync(LogRow row)
    {
        Assert.True(await Registry.InsertAsync(row, _token));
        return (await Registry.ReadAsync(row.Log, _token))!;
    }

    private async Task MoveAsync(UInt128 id, LogState state) =>
        Assert.NotNull(await Registry.ReplaceAsync((await Registry.ReadAsync(new LogId(id), _token))! with { State = state }, _token));

    private async Task<UInt128[]> ListAsync(params LogState[] states) =>
        [.. (await Registry.ListAsync(states, _token)).Select(row => row.Log.Value)];

    private static Task<T[]> AtOnceAsync<T>(int count, Func<int, ValueTask<T>> call) =>
        Task.WhenAll(Enumerable.Range(0, count).Select(i => Task.Run(async () => await call(i))));
}
