using Rollbook.Episodes;
using Rollbook.StepLog;
using Xunit;

namespace Rollbook.Testing;

/// <summary>What every <see cref="IHeaderStore"/> must do. A provider's suite derives from this and gives its subject.</summary>
/// <param name="subject">The store, owned by the suite from here on.</param>
public abstract class HeaderStoreConformance(IStoreSubject<IHeaderStore> subject) : IDisposable
{
    private static readonly LogId FirstLog = new(7), OtherLog = new(UInt128.MaxValue);
    private readonly CancellationToken _token = CancellationToken.None;

    private IHeaderStore Store => subject.Store;

    [Fact]
    public async Task ReadAsync_WhenNeverWritten_IsNull() => Assert.Null(await Store.ReadAsync(Key(1), _token));

    [Fact]
    public async Task WriteAsync_WhenNew_StoresAndReturnsIt()
    {
        var header = Header(1);
        var stored = await Store.WriteAsync(header, _token);

        Assert.NotNull(stored);
        Assert.False(string.IsNullOrEmpty(stored.ETag));
        AssertSame(header with { ETag = stored.ETag }, stored);
        AssertSame(stored, await Store.ReadAsync(header.Key, _token));
    }

    [Fact]
    public async Task WriteAsync_WhenNewButPresent_LosesAndKeepsTheFirst()
    {
        var stored = await Store.WriteAsync(Header(1), _token);

        Assert.Null(await Store.WriteAsync(Header(1) with { Nonce = "second" }, _token));
        AssertSame(stored, await Store.ReadAsync(Key(1), _token));
    }

    [Fact]
    public async Task WriteAsync_WithTheCurrentETag_ReplacesIt()
    {
        var stored = await Store.WriteAsync(Header(1), _token);
        var next = Claimed(stored!);
        var replaced = await Store.WriteAsync(next, _token);

        Assert.NotNull(replaced);
        Assert.NotEqual(stored!.ETag, replaced.ETag);
        AssertSame(next with { ETag = replaced.ETag }, replaced);
        AssertSame(replaced, await Store.ReadAsync(Key(1), _token));
    }

    [Fact]
    public async Task WriteAsync_WithAStaleETag_LosesAndKeepsTheNewer()
    {
        var stored = await Store.WriteAsync(Header(1), _token);
        var replaced = await Store.WriteAsync(Claimed(stored!), _token);

        Assert.Null(await Store.WriteAsync(Claimed(stored!) with { Nonce = "late" }, _token));
        AssertSame(replaced, await Store.ReadAsync(Key(1), _token));
    }

    [Fact]
    public async Task WriteAsync_WithAnETagButAbsent_LosesAndStoresNothing()
    {
        Assert.Null(await Store.WriteAsync(Header(1) with { ETag = "none" }, _token));
        Assert.Null(await Store.ReadAsync(Key(1), _token));
    }

    [Fact]
    public async Task WriteAsync_WithAnotherHeadersETag_Loses()
    {
        var other = await Store.WriteAsync(Header(1), _token);
        var mine = await Store.WriteAsync(Header(2), _token);

        Assert.Null(await Store.WriteAsync(Claimed(mine!) with { ETag = other!.ETag }, _token));
        AssertSame(mine, await Store.ReadAsync(Key(2), _token));
    }

    [Fact]
    public async Task WriteAsync_WithTheSameContent_GivesANewETagEachTime()
    {
        var etags = new HashSet<string>();
        var stored = await Store.WriteAsync(Header(1), _token);
        for (var i = 0; i < 50; i++)
        {
            Assert.True(etags.Add(stored!.ETag!), "an ETag came twice");
            stored = await Store.WriteAsync(stored, _token);
            Assert.NotNull(stored);
        }
    }

    [Fact]
    public async Task WriteAsync_WhenManyInsertAtOnce_OneWins()
    {
        var answers = await AtOnceAsync(64, i => Store.WriteAsync(Header(1) with { Nonce = $"n{i}" }, _token));

        var winner = Assert.Single(answers, answer => answer is not null);
        AssertSame(winner, await Store.ReadAsync(Key(1), _token));
    }

    [Fact]
    public async Task WriteAsync_WhenManyReplaceAtOnce_OneWins()
    {
        var stored = await Store.WriteAsync(Header(1), _token);
        var answers = await AtOnceAsync(64, i => Store.WriteAsync(Claimed(stored!) with { Nonce = $"n{i}" }, _token));

        var winner = Assert.Single(answers, answer => answer is not null);
        AssertSame(winner, await Store.ReadAsync(Key(1), _token));
    }

    [Fact]
    public async Task WriteAsync_WhenManyClaimInTurns_NoTermIsLost()
    {
        await Store.WriteAsync(Header(1), _token);
        var terms = await AtOnceAsync(16, async _ =>
        {
            for (var won = 0; won < 10;)
            {
                if (await Store.WriteAsync(Claimed((await Store.ReadAsync(Key(1), _token))!), _token) is not null) won++;
            }

            return 10;
        });

        Assert.Equal(1 + terms.Sum(), (await Store.ReadAsync(Key(1), _token))!.Term);
    }

    [Fact]
    public async Task WriteAsync_WhenProjectsLookAlike_TheyStayApart()
    {
        // Case, composed and decomposed letters, blanks and look-alikes: a tenant is its name's exact characters.
        string[] projects = ["default", "Default", "default ", "caf\u00e9", "cafe\u0301", "проект", "プロジェクト", "a%b", "a_b", "o'b;--", "\ud83d\ude80"];
        foreach (var project in projects)
            Assert.NotNull(await Store.WriteAsync(Header(1) with { Key = new EpisodeKey(project, new EpisodeId(1)), Nonce = project }, _token));

        foreach (var project in projects)
            Assert.Equal(project, (await Store.ReadAsync(new EpisodeKey(project, new EpisodeId(1)), _token))!.Nonce);
    }

    [Fact]
    public async Task WriteAsync_WithExtremeValues_GivesThemBack()
    {
        foreach (var state in Enum.GetValues<HeaderState>())
        {
            var header = Header(1) with
            {
                Key = new EpisodeKey("default", new EpisodeId(UInt128.MaxValue - (uint)state)),
                Term = long.MaxValue,
                Owner = new LogId(UInt128.MaxValue),
                Extents = [.. Enumerable.Range(1, 300).Select(i => new Extent(i, new LogId((UInt128)i << 100))), new Extent(long.MaxValue, default)],
                State = state,
                Nonce = "\u0416 \"'\n",
            };
            var stored = await Store.WriteAsync(header, _token);
            AssertSame(header with { ETag = stored!.ETag }, await Store.ReadAsync(header.Key, _token));
        }
    }

    [Fact]
    public async Task WriteAsync_WhenTheCallersListChangesLater_KeepsWhatItWas()
    {
        List<Extent> extents = [new Extent(1, FirstLog)];
        var stored = await Store.WriteAsync(Header(1) with { Extents = extents }, _token);
        extents.Add(new Extent(2, OtherLog));

        Assert.Single(stored!.Extents);
        Assert.Single((await Store.ReadAsync(Key(1), _token))!.Extents);
    }

    [Fact]
    public async Task WriteAsync_WhenCancelledBefore_StoresNothing()
    {
        var cancelled = new CancellationToken(canceled: true);

        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await Store.WriteAsync(Header(1), cancelled));
        Assert.Null(await Store.ReadAsync(Key(1), _token));
    }

    [Fact]
    public async Task Reopen_WhenWritten_KeepsHeadersAndETags()
    {
        var stored = new List<EpisodeHeader>();
        for (var i = 0; i < 100; i++) stored.Add((await Store.WriteAsync(Claimed((await Store.WriteAsync(Header(i), _token))!), _token))!);
        subject.Reopen();

        foreach (var header in stored)
        {
            AssertSame(header, await Store.ReadAsync(header.Key, _token));
            Assert.Null(await Store.WriteAsync(header with { ETag = null }, _token));
            Assert.NotNull(await Store.WriteAsync(Claimed(header), _token));
            Assert.Null(await Store.WriteAsync(Claimed(header), _token));
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        subject.Dispose();
        GC.SuppressFinalize(this);
    }

    private static EpisodeKey Key(int id) => new("default", new EpisodeId((UInt128)id));

    private static EpisodeHeader Header(int id) => new()
    {
        Key = Key(id),
        Term = 1,
        Owner = FirstLog,
        Extents = [new Extent(1, FirstLog)],
        State = HeaderState.Open,
        Nonce = "first",
    };

    private static EpisodeHeader Claimed(EpisodeHeader header) => header with
    {
        Term = header.Term + 1,
        Owner = OtherLog,
        Extents = [.. header.Extents, new Extent(header.Term + 1, OtherLog)],
        State = HeaderState.Sealing,
        Nonce = "claim",
    };

    private static Task<T[]> AtOnceAsync<T>(int count, Func<int, ValueTask<T>> call) =>
        Task.WhenAll(Enumerable.Range(0, count).Select(i => Task.Run(async () => await call(i))));

    private static void AssertSame(EpisodeHeader? expected, EpisodeHeader? actual)
    {
        Assert.NotNull(expected);
        Assert.NotNull(actual);
        // A record compares lists by reference.
        Assert.Equal(expected.Extents, actual.Extents);
        Assert.Equal(expected, actual with { Extents = expected.Extents });
    }
}
