using Rollbook.StepLog;
using Xunit;

namespace Rollbook.Grains.Tests.StepLog.Commit;

public sealed class WriteAheadLogPoisonTests
{
    [Fact]
    public async Task Append_WhenAWriteFails_FailsAsUnknownWithAllThatWaits()
    {
        var bench = await LogBench.StartAsync();
        var one = await bench.ClaimAsync();
        var two = await bench.ClaimAsync();
        await bench.Append(one, 3);
        bench.Appends.Close();
        var waiting = new List<Task> { bench.Append(one, 1) };
        await bench.Appends.ArrivalAsync("the failing chunk");
        waiting.Add(bench.Append(two, 1));
        waiting.Add(bench.Append(one, 1));
        var reader = bench.Log.WhenReleased(two);

        bench.Appends.Fail(new IOException("fsync failed"));

        foreach (var commit in waiting) await Assert.ThrowsAsync<LogPoisonedException>(() => commit);
        Assert.Equal("fsync failed", (await bench.Log.Poisoned.WaitAsync(LogBench.Patience)).Message);
        await reader.WaitAsync(LogBench.Patience);
        await Assert.ThrowsAsync<LogPoisonedException>(() => two.LastCommit);
        Assert.Equal((3, 0), (one.DurableNext, two.DurableNext));
        Assert.Equal(LogBench.Expected(0, 3), await bench.LinesAsync(one.Key));
    }

    [Fact]
    public async Task Append_AfterAFailure_IsRefusedForGood()
    {
        var bench = await LogBench.StartAsync();
        var claim = await bench.ClaimAsync();
        var fails = true;
        bench.Storage.BeforeAppend = _ => fails ? throw new LogFencedException(bench.Log.Id) : Task.CompletedTask;
        await Assert.ThrowsAsync<LogPoisonedException>(() => bench.Append(claim, 1));
        fails = false;

        Assert.IsType<LogFencedException>(await bench.Log.Poisoned.WaitAsync(LogBench.Patience));
        Assert.Throws<LogPoisonedException>(() => { _ = bench.Append(claim, 1); });
        Assert.Throws<LogPoisonedException>(() => bench.Log.Begin(1, LogBench.Tail(bench.NewKey()), out _));
        Assert.True(bench.Log.WhenReleased(claim).IsCompleted);
        await bench.CloseAsync();
    }

    [Fact]
    public async Task Append_WhenAChunkInTheMiddleFails_ReleasesNoneBehindIt()
    {
        var bench = await LogBench.StartAsync(maxInFlight: 4);
        var claim = await bench.ClaimAsync();
        var first = bench.Log.DurableEnd;
        bench.Storage.BeforeAppend = async at =>
        {
            await bench.Appends.PassAsync();
            if (at.Number == first + 1) throw new IOException("lost");
        };
        bench.Appends.Close();
        var commits = new List<Task>();
        for (var i = 0; i < 3; i++)
        {
            commits.Add(bench.Append(claim, 1));
            await bench.Appends.ArrivalAsync($"chunk {i}");
        }

        bench.Appends.Open();

        await commits[0];
        await Assert.ThrowsAsync<LogPoisonedException>(() => commits[1]);
        await Assert.ThrowsAsync<LogPoisonedException>(() => commits[2]);
        Assert.Equal(1, claim.DurableNext);
    }

    [Fact]
    public async Task Append_WhenACallerGaveUp_IsCommittedAllTheSame()
    {
        var bench = await LogBench.StartAsync();
        var claim = await bench.ClaimAsync();
        bench.Appends.Close();
        using var caller = new CancellationTokenSource();
        var commit = bench.Append(claim, 1);
        var given = commit.WaitAsync(caller.Token);
        await caller.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => given);

        bench.Appends.Open();
        await commit;

        Assert.Equal(1, claim.DurableNext);
        await bench.CloseAsync();
    }

    [Fact]
    public async Task Close_WithAppendsWaiting_DrainsThemAndTakesNoMore()
    {
        var bench = await LogBench.StartAsync(maxInFlight: 4);
        var claim = await bench.ClaimAsync();
        bench.Appends.Close();
        var commits = Enumerable.Range(0, 50).Select(_ => bench.Append(claim, 1)).ToList();

        var closed = bench.CloseAsync();
        Assert.Throws<LogPoisonedException>(() => { _ = bench.Append(claim, 1); });
        Assert.False(closed.IsCompleted);
        bench.Appends.Open();
        await closed;

        await Task.WhenAll(commits);
        Assert.False(bench.Log.Poisoned.IsCompleted);
        Assert.Equal(50, claim.DurableNext);
    }
}
