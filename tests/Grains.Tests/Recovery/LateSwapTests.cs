using Rollbook.Episodes;
using Rollbook.Grains.Tests.Episodes;
using Rollbook.StepLog;
using Rollbook.Testing;
using Xunit;

namespace Rollbook.Grains.Tests.Recovery;

/// <summary>A silo died while the compare-and-swap of its claim was on its way: what it has sent outlives it.</summary>
public sealed class LateSwapTests
{
    private static readonly Func<EpisodeKey, Task<long?>> Unanswered = static _ => Task.FromResult<long?>(null);

    private readonly MemoryLogRegistry registry = new();
    private readonly UnansweredHeaders headers = new(new MemoryHeaderStore());
    private readonly RecorderBench bench;

    public LateSwapTests() => bench = new RecorderBench { Shared = (registry, headers) };

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Round_WhileTheSwapMayStillArrive_KeepsTheEpisodeUntilItIsClaimedAnew()
    {
        var (_, dead, third, key) = await DiedAsync();

        for (var round = 0; round < 3; round++) Assert.Equal(1, await third.Recovery.RoundAsync(third.Log.Id, Unanswered, Token));
        Assert.True(await headers.ArriveAsync());
        while (await third.Recovery.RoundAsync(third.Log.Id, k => third.Activate(k).NudgeAsync().AsTask(), Token) > 0)
        {
        }

        var header = (await headers.ReadAsync(key, Token))!;
        Assert.Equal((3, third.Log.Id), (header.Term, header.Owner));
        Assert.Equal(LogState.Recovered, (await registry.ReadAsync(dead.Log.Id, Token))!.State);
        Assert.Equal(RollbookCode.Ok, (await third.Activate(key).AppendAsync(BenchSilo.Batch(3, 2))).Code);
    }

    [Fact]
    public async Task Round_OnceAnotherLogHasTheTerm_SettlesTheEpisode()
    {
        var (first, dead, third, key) = await DiedAsync();
        Assert.Equal(2, await first.Activate(key).NudgeAsync());

        // The first one wakes what it finds, the second looks at the headers.
        await third.Recovery.RoundAsync(third.Log.Id, Unanswered, Token);
        Assert.Equal(0, await third.Recovery.RoundAsync(third.Log.Id, Unanswered, Token));

        Assert.Equal(LogState.Recovered, (await registry.ReadAsync(dead.Log.Id, Token))!.State);
        Assert.False(await headers.ArriveAsync());
    }

    [Fact]
    public async Task Round_UntilTheWindowIsOver_KeepsTheEpisodeHoweverManyRounds()
    {
        var (_, dead, third, key) = await DiedAsync();
        await third.Recovery.RoundAsync(third.Log.Id, Unanswered, Token);
        bench.Time.Advance(LateWrites.Window - TimeSpan.FromSeconds(1));

        for (var round = 0; round < 100; round++) Assert.Equal(1, await third.Recovery.RoundAsync(third.Log.Id, Unanswered, Token));
        bench.Time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(0, await third.Recovery.RoundAsync(third.Log.Id, Unanswered, Token));

        Assert.Equal(LogState.Recovered, (await registry.ReadAsync(dead.Log.Id, Token))!.State);
        Assert.Equal(1, (await headers.ReadAsync(key, Token))!.Term);
    }

    [Fact]
    public async Task Round_WhileACreationMayStillArrive_KeepsTheEpisodeUntilItIsClaimed()
    {
        var (dead, other, key) = await DiedCreatingAsync(bench);

        for (var round = 0; round < 100; round++) Assert.Equal(1, await RoundAsync(other));
        Assert.Equal(LogState.Fenced, (await registry.ReadAsync(dead.Log.Id, Token))!.State);
        Assert.True(await headers.ArriveAsync());
        Assert.Equal(0, await RoundAsync(other));

        var header = (await headers.ReadAsync(key, Token))!;
        Assert.Equal((2, other.Log.Id), (header.Term, header.Owner));
        Assert.Equal(LogState.Recovered, (await registry.ReadAsync(dead.Log.Id, Token))!.State);
    }

    [Fact]
    public async Task Round_OnceACreationCanNotArriveAnyMore_SettlesTheEpisode()
    {
        var (dead, other, key) = await DiedCreatingAsync(bench);
        Assert.Equal(1, await RoundAsync(other));
        bench.Time.Advance(LateWrites.Window);

        Assert.Equal(0, await RoundAsync(other));

        Assert.Null(await headers.ReadAsync(key, Token));
        Assert.Equal(LogState.Recovered, (await registry.ReadAsync(dead.Log.Id, Token))!.State);
    }

    [Fact]
    public async Task Round_WhereNothingOutlivesTheProcess_SettlesACreationAtOnce()
    {
        var (dead, other, _) = await DiedCreatingAsync(new RecorderBench { Shared = (registry, headers), LateWindow = TimeSpan.Zero });

        Assert.Equal(0, await RoundAsync(other));

        Assert.Equal(LogState.Recovered, (await registry.ReadAsync(dead.Log.Id, Token))!.State);
    }

    [Fact]
    public async Task Round_WhenANudgeHangs_EndsWithTheCaller()
    {
        var (_, _, third, _) = await DiedAsync();
        using var stop = new CancellationTokenSource();
        var woken = new TaskCompletionSource();
        var round = third.Recovery.RoundAsync(third.Log.Id, HangAsync, stop.Token).AsTask();
        await woken.Task.WaitAsync(RecorderBench.Patience, Token);

        await stop.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => round.WaitAsync(RecorderBench.Patience, Token));

        Task<long?> HangAsync(EpisodeKey key)
        {
            woken.TrySetResult();
            return new TaskCompletionSource<long?>().Task;
        }
    }

    private static ValueTask<int> RoundAsync(BenchSilo silo) =>
        silo.Recovery.RoundAsync(silo.Log.Id, key => silo.Activate(key).NudgeAsync().AsTask(), Token);

    // The one silo died while the creation of its episode was on its way; the other recovers.
    private async Task<(BenchSilo Dead, BenchSilo Other, EpisodeKey Key)> DiedCreatingAsync(RecorderBench silos)
    {
        var dead = await silos.StartAsync();
        var key = silos.NewKey();
        headers.Next = UnansweredHeaders.Fate.Late;
        await Assert.ThrowsAsync<IOException>(async () => await dead.Activate(key).OpenAsync(BenchSilo.Opening(key)));
        silos.Kill(dead);
        var other = await silos.StartAsync();
        await other.Recovery.FenceDeadAsync(other.Log.Id, silos, Token);
        return (dead, other, key);
    }

    // The second silo was about to take an episode from the first, which lives; the third recovers.
    private async Task<(BenchSilo First, BenchSilo Dead, BenchSilo Third, EpisodeKey Key)> DiedAsync()
    {
        var first = await bench.StartAsync();
        var (owner, key) = await first.OpenAsync();
        await owner.AppendAsync(BenchSilo.Batch(0, 3));
        var dead = await bench.StartAsync();
        headers.Next = UnansweredHeaders.Fate.Late;
        await Assert.ThrowsAsync<IOException>(async () => await dead.Activate(key).AppendAsync(BenchSilo.Batch(3, 3)));
        bench.Kill(dead);
        var third = await bench.StartAsync();
        await third.Recovery.FenceDeadAsync(third.Log.Id, bench, Token);
        return (first, dead, third, key);
    }
}
