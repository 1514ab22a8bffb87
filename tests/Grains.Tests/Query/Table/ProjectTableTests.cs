using Microsoft.Extensions.Time.Testing;
using Rollbook.Query;
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

    private Task<ProjectTable.Pinned> FreshAsync() => table.FreshAsync(null, TestContext.Current.CancellationToken).AsTask();
}
