using Microsoft.Extensions.Time.Testing;
using Rollbook.StepLog;
using Xunit;

namespace Rollbook.Grains.Tests.StepLog.Commit;

/// <summary>Frames that come together share a commit, which waits for the last of them for a moment only.</summary>
public sealed class GatheringsTests
{
    [Fact]
    public async Task Append_OfManyEpisodesThatAreGathered_MakesOneChunk()
    {
        var bench = await LogBench.StartAsync(chunkBytes: 64 << 10);
        var claims = new List<LogClaim>();
        for (var i = 0; i < 20; i++) claims.Add(await bench.ClaimAsync());
        var before = bench.Log.DurableEnd;
        var gathered = new TaskCompletionSource();
        bench.Log.Gather(gathered.Task);

        var commits = new List<Task>();
        foreach (var claim in claims)
        {
            commits.Add(bench.Append(claim, 2));
            // Whatever else wants to run may: without the gathering the committer takes what is there.
            await Task.Yield();
        }

        Assert.Equal(before, bench.Log.DurableEnd);
        gathered.SetResult();
        await Task.WhenAll(commits);

        Assert.Equal(before + 1, bench.Log.DurableEnd);
        await bench.CloseAsync();
    }

    [Fact]
    public async Task WhenOver_OfAGatheringThatStandsStill_IsOverAfterThePatience()
    {
        var time = new FakeTimeProvider();
        var gatherings = new Gatherings(time);
        gatherings.Add(new TaskCompletionSource().Task);
        var over = gatherings.WhenOver()!;

        time.Advance(Gatherings.Patience - TimeSpan.FromTicks(1));
        Assert.False(over.IsCompleted);
        time.Advance(TimeSpan.FromTicks(1));

        await over.WaitAsync(LogBench.Patience);
    }

    [Fact]
    public async Task WhenOver_WaitsForThoseThatAreOpenAndForNoLaterOne()
    {
        var gatherings = new Gatherings(new FakeTimeProvider());
        var (first, failing, later) = (new TaskCompletionSource(), new TaskCompletionSource(), new TaskCompletionSource());
        gatherings.Add(first.Task);
        gatherings.Add(failing.Task);
        var over = gatherings.WhenOver()!;
        gatherings.Add(later.Task);

        first.SetResult();
        Assert.False(over.IsCompleted);
        failing.SetException(new InvalidOperationException("A turn failed."));
        await over.WaitAsync(LogBench.Patience);

        later.SetResult();
        Assert.Null(gatherings.WhenOver());
    }
}
