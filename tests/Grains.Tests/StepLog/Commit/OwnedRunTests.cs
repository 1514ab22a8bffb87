using Rollbook.StepLog;
using Xunit;

namespace Rollbook.Grains.Tests.StepLog.Commit;

public sealed class OwnedRunTests
{
    [Fact]
    public async Task Roll_WithManyEpisodes_WritesARunOverChunksAndSegmentsAndClosesIt()
    {
        var bench = await LogBench.StartAsync(segmentBytes: 16 << 10, maxBytesInFlight: 8 << 20);
        var claims = new List<LogClaim>();
        for (var i = 0; i < 100; i++) claims.Add(await bench.ClaimAsync());
        await FillAsync(bench, claims[0], segments: 12);
        await bench.CloseAsync();

        var frames = await bench.FramesAsync();
        var close = frames.FindLast(static f => f.Kind == FrameKind.OwnedClose);
        Assert.NotEqual(default, close);
        var run = frames.Where(f => f.Kind == FrameKind.Owned && f.At.Number >= close.Ordinal && f.At.Number <= close.At.Number).ToList();
        Assert.Equal(claims.Select(static c => c.Key.Id).Order(), run.Select(static f => f.Episode).Order());
        Assert.True(run.Select(static f => f.At.Number).Distinct().Count() > 1, "the run lies in one chunk");
        Assert.Contains(frames.Where(static f => f.Kind == FrameKind.OwnedClose), f => frames.First(o => o.At.Number == f.Ordinal).At.Segment < f.At.Segment);
    }

    [Fact]
    public async Task Roll_WithEpisodesThatEndedOrWereLost_NamesOnlyThoseThatAreOwned()
    {
        var bench = await LogBench.StartAsync(segmentBytes: 4096);
        var running = await bench.ClaimAsync();
        var ended = await bench.ClaimAsync();
        await bench.End(ended);
        var lost = bench.Log.Begin(1, LogBench.Tail(bench.NewKey()), out var commit);
        await commit;
        bench.Log.Forget(lost);
        var pending = bench.Log.Begin(1, LogBench.Tail(bench.NewKey()), out commit);
        await commit;
        await FillAsync(bench, running, segments: 2);
        await bench.CloseAsync();

        var named = (await bench.FramesAsync()).Where(static f => f.Kind == FrameKind.Owned).Select(static f => f.Episode).ToHashSet();

        Assert.Equal([running.Key.Id, pending.Key.Id], named.Order());
    }

    [Fact]
    public async Task Roll_AfterAnEpisodeTookSteps_WritesItsTailInLogOrder()
    {
        var bench = await LogBench.StartAsync(segmentBytes: 4096);
        var claim = await bench.ClaimAsync();
        await FillAsync(bench, claim, segments: 4);
        await bench.CloseAsync();

        long next = 0;
        foreach (var frame in await bench.FramesAsync())
        {
            if (frame.Kind == FrameKind.Owned) Assert.Equal(next, frame.Ordinal);
            if (frame.Kind == FrameKind.Steps) next = frame.Ordinal + 1;
        }
    }

    private static async Task FillAsync(LogBench bench, LogClaim claim, int segments)
    {
        var last = bench.Storage.Appended[^1].Segment + segments;
        while (bench.Storage.Appended[^1].Segment < last) await bench.Append(claim, 1);
    }
}
