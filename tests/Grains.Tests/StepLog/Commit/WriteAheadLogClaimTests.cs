using Rollbook.StepLog;
using Xunit;

namespace Rollbook.Grains.Tests.StepLog.Commit;

public sealed class WriteAheadLogClaimTests
{
    [Fact]
    public async Task Append_WithAPendingClaim_IsRefused()
    {
        var bench = await LogBench.StartAsync();
        var claim = bench.Log.Begin(1, LogBench.Tail(bench.NewKey()), out var commit);
        await commit;

        Assert.Equal(ClaimState.Pending, claim.State);
        Assert.Throws<StaleTermException>(() => { _ = bench.Append(claim, 1); });

        bench.Log.Confirm(claim);
        await bench.Append(claim, 1);
        await bench.CloseAsync();
    }

    [Fact]
    public async Task RaiseMinimumTerm_OverAClaim_StopsItAndGivesItBack()
    {
        var bench = await LogBench.StartAsync();
        var claim = await bench.ClaimAsync();
        await bench.Append(claim, 2);

        Assert.Same(claim, bench.Log.RaiseMinimumTerm(claim.Key, 2));

        Assert.True(claim.Closed);
        Assert.Throws<StaleTermException>(() => { _ = bench.Append(claim, 1); });
        Assert.Equal(2, claim.Tail.NextOrdinal);
        await bench.CloseAsync();
    }

    [Fact]
    public async Task RaiseMinimumTerm_OfATermBelow_LeavesTheNewerClaim()
    {
        var bench = await LogBench.StartAsync();
        var claim = await bench.ClaimAsync(term: 3);

        Assert.Null(bench.Log.RaiseMinimumTerm(claim.Key, 3));

        Assert.False(claim.Closed);
        await bench.Append(claim, 1);
        await bench.CloseAsync();
    }

    [Fact]
    public async Task RaiseMinimumTerm_OverAClaimWhoseSwapHasAnUnknownOutcome_GivesItBack()
    {
        var bench = await LogBench.StartAsync();
        var key = bench.NewKey();
        var pending = bench.Log.Begin(4, LogBench.Tail(key), out var commit);
        await commit;

        Assert.Same(pending, bench.Log.RaiseMinimumTerm(key, 5));
        Assert.Null(bench.Log.RaiseMinimumTerm(bench.NewKey(), 5));
        await bench.CloseAsync();
    }

    [Fact]
    public async Task Confirm_OfANewTerm_EndsTheOlderOne()
    {
        var bench = await LogBench.StartAsync();
        var old = await bench.ClaimAsync();

        var claim = await bench.ClaimAsync(old.Key, term: 2);

        Assert.Same(claim, bench.Log.Find(old.Key));
        Assert.Equal((ClaimState.Gone, ClaimState.Owned), (old.State, claim.State));
        Assert.Throws<StaleTermException>(() => { _ = bench.Append(old, 1); });
        await bench.Append(claim, 1);
        await bench.CloseAsync();
    }

    [Fact]
    public async Task Confirm_OfAClaimThatWasAskedForMeanwhile_IsAmongTheReleasedOnes()
    {
        var bench = await LogBench.StartAsync();
        var claim = bench.Log.Begin(1, LogBench.Tail(bench.NewKey()), out var commit);
        await commit;
        bench.Log.RaiseMinimumTerm(claim.Key, 2);
        Assert.Empty(bench.Log.Released);

        bench.Log.Confirm(claim);

        Assert.Equal([claim], bench.Log.Released);
        Assert.Throws<StaleTermException>(() => { _ = bench.Append(claim, 1); });
        await bench.CloseAsync();
    }

    [Fact]
    public async Task Forget_OfALostClaim_GivesTheOlderOneItsPlaceBack()
    {
        var bench = await LogBench.StartAsync();
        var old = await bench.ClaimAsync();
        var lost = bench.Log.Begin(2, LogBench.Tail(old.Key), out var commit);
        await commit;

        bench.Log.Forget(lost);

        Assert.Same(old, bench.Log.Find(old.Key));
        await bench.Append(old, 1);
        bench.Log.Forget(old);
        Assert.Null(bench.Log.Find(old.Key));
        Assert.Equal(0, bench.Log.OpenEpisodes);
        await bench.CloseAsync();
    }

    [Fact]
    public async Task Forget_OfAClaimBetweenTwo_KeepsTheOthers()
    {
        var bench = await LogBench.StartAsync();
        var old = await bench.ClaimAsync();
        var lost = bench.Log.Begin(2, LogBench.Tail(old.Key), out _);
        var newest = bench.Log.Begin(2, LogBench.Tail(old.Key), out var commit);
        await commit;

        bench.Log.Forget(lost);
        Assert.Same(newest, bench.Log.Find(old.Key));
        bench.Log.Forget(newest);

        Assert.Same(old, bench.Log.Find(old.Key));
        await bench.CloseAsync();
    }

    [Theory]
    [InlineData(2)]
    [InlineData(1)]
    public async Task Begin_OfATermThatIsOwnedOrOlder_IsRefused(long term)
    {
        var bench = await LogBench.StartAsync();
        var claim = await bench.ClaimAsync(term: 2);

        Assert.Throws<StaleTermException>(() => bench.Log.Begin(term, LogBench.Tail(claim.Key), out _));

        Assert.Same(claim, bench.Log.Find(claim.Key));
        await bench.CloseAsync();
    }

    [Fact]
    public async Task Begin_WithATailThatHasEnded_KnowsThatItIsOver()
    {
        var bench = await LogBench.StartAsync();
        var claim = await bench.ClaimAsync();
        Assert.False(claim.DurablyEnded);
        await bench.End(claim);
        Assert.True(claim.DurablyEnded);

        var next = bench.Log.Begin(2, claim.Tail.Copy(), out var commit);
        await commit;

        Assert.True(next.DurablyEnded);
        await bench.CloseAsync();
    }
}
