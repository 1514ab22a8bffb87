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
