using Rollbook.StepLog;
using Xunit;

namespace Rollbook.Grains.Tests.StepLog.Commit;

public sealed class CommitPaceTests
{
    private const int Interval = 50;

    [Fact]
    public async Task Append_AfterASilence_IsWrittenAtOnce()
    {
        var (bench, claim) = await QuietAsync();
        await bench.Append(claim, 1);

        Assert.Equal(2, bench.Storage.Appended.Count);
        await bench.CloseAsync();
    }

    [Fact]
    public async Task Append_WithinTheInterval_WaitsForItsEndAndSharesOneChunk()
    {
        var (bench, claim) = await QuietAsync();
        await bench.Append(claim, 1);
        var waiting = Enumerable.Range(0, 3).Select(_ => bench.Append(claim, 1)).ToList();
        bench.Time.Advance(TimeSpan.FromMilliseconds(Interval - 1));
        Assert.Equal(2, bench.Storage.Appended.Count);
        Assert.DoesNotContain(waiting, static w => w.IsCompleted);
        bench.Time.Advance(TimeSpan.FromMilliseconds(1));
        await Task.WhenAll(waiting);

        Assert.Equal(3, bench.Storage.Appended.Count);
        Assert.Equal(LogBench.Expected(0, 4), await bench.LinesAsync(claim.Key));
        await bench.CloseAsync();
    }

    [Fact]
    public async Task Append_ThatFillsAChunk_IsNotHeldUp()
    {
        var (bench, claim) = await QuietAsync();
        await bench.Append(claim, 1);
        var first = bench.Append(claim, 20);
        for (var i = 0; i < 20; i++) _ = bench.Append(claim, 20);
        await first;

        Assert.True(bench.Storage.Appended.Count >= 3);
        await bench.CloseAsync();
    }

    [Fact]
    public async Task CloseAsync_WithinTheInterval_WritesWhatWaits()
    {
        var (bench, claim) = await QuietAsync();
        await bench.Append(claim, 1);
        var waiting = bench.Append(claim, 1);
        await bench.CloseAsync();
        await waiting;

        Assert.Equal(3, bench.Storage.Appended.Count);
    }

    [Fact]
    public async Task Log_WhenNothingComes_WritesNothing()
    {
        var (bench, claim) = await QuietAsync();
        await bench.Append(claim, 1);
        for (var i = 0; i < 100; i++) bench.Time.Advance(TimeSpan.FromSeconds(10));
        await bench.CloseAsync();

        Assert.Equal(2, bench.Storage.Appended.Count);
    }

    /// <summary>A log whose last chunk, the start of an episode, was written an interval ago.</summary>
    private static async Task<(LogBench Bench, LogClaim Claim)> QuietAsync()
    {
        var bench = await LogBench.StartAsync(maxInFlight: 4, commitMilliseconds: Interval);
        var claim = await bench.ClaimAsync();
        bench.Time.Advance(TimeSpan.FromMilliseconds(Interval));
        return (bench, claim);
    }
}
