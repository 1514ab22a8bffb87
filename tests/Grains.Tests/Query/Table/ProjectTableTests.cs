using Microsoft.Extensions.Time.Testing;
using Rollbook.Query;
using Rollbook.Testing;
using Rollbook.Testing.Query;
using Xunit;

namespace Rollbook.Grains.Tests.Query.Table;

/// <summary>How old a pinned moment may be.</summary>
public sealed class ProjectTableTests : IDisposable
{
    private readonly FakeTimeProvider time = new();
    private readonly FakeSources sources = new();
    private readonly ProjectTable table;
    private int pins;

    public ProjectTableTests()
    {
        sources.OnPin = (_, _) =>
        {
            Interlocked.Increment(ref pins);
            return Task.CompletedTask;
        };
        table = new ProjectTable("p", sources, new QueryOptions { PinSeconds = 0.9 }, time);
    }

    public void Dispose() => table.Dispose();

    [Fact]
    public async Task Fresh_WhileAPinIsYoung_UsesItAgain()
    {
        var first = await FreshAsync();
        time.Advance(TimeSpan.FromSeconds(0.8));
        Assert.Same(first, await FreshAsync());
        Assert.Equal(1, pins);
    }

    [Fact]
    public async Task Fresh_WhenAPinIsOlderThanTwice_WaitsForTheNext()
    {
        var first = await FreshAsync();
        time.Advance(TimeSpan.FromSeconds(1.9));
        Assert.NotSame(first, await FreshAsync());
        Assert.Equal(2, pins);
    }

    [Fact]
    public async Task Fresh_InBetween_AnswersAtOnceAndFetchesTheNext()
    {
        var first = await FreshAsync();
        var gate = new TaskCompletionSource();
        var entered = new TaskCompletionSource();
        sources.OnPin = (_, _) =>
        {
            entered.TrySetResult();
            return gate.Task;
        };
        time.Advance(TimeSpan.FromSeconds(1));

        Assert.Same(first, await FreshAsync());

        await entered.Task;
        // Too old by now: this one has to wait for the pin that is under way.
        time.Advance(TimeSpan.FromSeconds(1));
        var waiting = FreshAsync();
        Assert.False(waiting.IsCompleted);
        gate.SetResult();
        Assert.NotSame(first, await waiting);
    }

    [Fact]
    public async Task Fresh_AfterAMoment_NeverTakesAnEarlierPin()
    {
        var first = await FreshAsync();
        time.Advance(TimeSpan.FromMilliseconds(1));
        var after = time.GetTimestamp();

        var next = await table.FreshAsync(after, TestContext.Current.CancellationToken);

        Assert.NotSame(first, next);
        Assert.True(next.Began >= after);
    }

    [Fact]
    public async Task Fresh_WhenAPinFails_TheNextIsTried()
    {
        sources.OnPin = (_, _) => throw new IOException("the store is away");
        await Assert.ThrowsAsync<IOException>(FreshAsync);
        sources.OnPin = null;
        await FreshAsync();
    }

    [Fact]
    public async Task Read_WhenMostRowsHaveGone_GoesOnFromATableThatHasOnlyTheRest()
    {
        using var directory = new TempDirectory();
        var spill = Path.Combine(directory.Path, "spill");
        using var worn = new ProjectTable("p", sources, new QueryOptions { PinSeconds = 0, SpillDirectory = spill }, time);
        var small = ParquetFiles.Episodes(directory.Path, "small", [Rows.Episode(1)]);
        var many = Path.Combine(directory.Path, "many");
        ParquetFiles.Run($"""
            COPY (SELECT e.* REPLACE ('01K' || printf('%023d', i) AS episode_id) FROM read_parquet('{small.Path}') e, range({EpisodeTable.RowsToCompress + 10}) r(i))
            TO '{many}' (FORMAT parquet)
            """);
        await PinAsync(small, new ArchivedFile("many", many, true));
        Assert.Equal(EpisodeTable.RowsToCompress + 11, Count());
        var first = Assert.Single(Directory.EnumerateDirectories(spill));

        await PinAsync(small);
        Assert.Equal(1, Count());
        Assert.Equal(first, Assert.Single(Directory.EnumerateDirectories(spill)));

        // One who reads meanwhile keeps the table that he began with.
        Assert.Equal(1, worn.Read(session =>
        {
            PinAsync(small).GetAwaiter().GetResult();
            Assert.Equal(2, Directory.EnumerateDirectories(spill).Count());
            return Count(session);
        }));
        Assert.NotEqual(first, Assert.Single(Directory.EnumerateDirectories(spill)));
        Assert.Equal(1, Count());

        Task PinAsync(params ArchivedFile[] files)
        {
            sources.Projects["p"] = new QuerySource { Episodes = files };
            time.Advance(TimeSpan.FromSeconds(1));
            return worn.FreshAsync(time.GetTimestamp(), TestContext.Current.CancellationToken).AsTask();
        }

        long Count(TableSession? of = null)
        {
            long count = 0;
            if (of is null) return worn.Read(Count);
            of.Read(new SqlText().Add("SELECT count(*) FROM m.archived WHERE newest"), row => count = row.GetInt64(0), TestContext.Current.CancellationToken);
            return count;
        }
    }

    private Task<ProjectTable.Pinned> FreshAsync() => table.FreshAsync(null, TestContext.Current.CancellationToken).AsTask();
}
