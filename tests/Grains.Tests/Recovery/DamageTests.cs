using Rollbook.Grains.Tests.Episodes;
using Rollbook.StepLog;
using Xunit;
using static Rollbook.Grains.Tests.Episodes.BenchSilo;

namespace Rollbook.Grains.Tests.Recovery;

public sealed class DamageTests
{
    private readonly RecorderBench bench = new(segmentBytes: 4096);

    [Fact]
    public async Task Claim_BehindADamagedChunk_EndsTheEpisodeForGood()
    {
        var one = await bench.StartAsync();
        var (whole, wholeKey) = await one.OpenAsync();
        await whole.AppendAsync(Batch(0, 3));
        await whole.EndAsync(Completed(3));
        var (owner, key) = await one.OpenAsync();
        await owner.AppendAsync(Batch(0, 2));
        bench.Storage.Damaged.Add(one.Log.DurableEnd);
        await owner.AppendAsync(Batch(2, 2));
        await owner.AppendAsync(Batch(4, 2));
        bench.Kill(one);

        var two = await bench.StartAsync();
        await two.Recovery.FenceDeadAsync(two.Log.Id, bench, CancellationToken.None);
        var taken = two.Activate(key);
        var view = await taken.ReadAsync();

        Assert.Equal((EpisodeStatus.Lost, "damaged", 2L), (view.Record!.Status, view.Record.EndCause, view.Record.StepCount));
        Assert.Equal(3, bench.Storage.DamageMet);
        Assert.Equal("damaged", Assert.Single(two.Told).EndCause);
        Assert.Equal(RollbookCode.Damaged, (await taken.AppendAsync(Batch(6, 1))).Code);
        Assert.Equal(RollbookCode.Damaged, (await taken.ResumeAsync(null)).Code);
        var page = await taken.ReadStepsAsync(0, 10, TimeSpan.Zero);
        Assert.Equal((2, true), (page.Steps.Count, page.Ended));
        var ended = await two.Activate(wholeKey).ReadStepsAsync(0, 10, TimeSpan.Zero);
        Assert.Equal((RollbookCode.Ok, 3, true), (ended.Code, ended.Steps.Count, ended.Ended));

        // The next process finds a whole log, and the ending in it.
        bench.Kill(two);
        var three = await bench.StartAsync();
        Assert.Equal("damaged", (await three.Activate(key).ReadAsync()).Record!.EndCause);
        Assert.Equal(RollbookCode.Damaged, (await three.Activate(key).AppendAsync(Batch(2, 1))).Code);
    }

    [Fact]
    public async Task Round_OverADamagedLog_LeavesNothingUnfinished()
    {
        var one = await bench.StartAsync();
        var (owner, key) = await one.OpenAsync();
        await owner.AppendAsync(Batch(0, 2));
        bench.Storage.Damaged.Add(one.Log.DurableEnd);
        await owner.AppendAsync(Batch(2, 2));
        bench.Kill(one);
        var two = await bench.StartAsync();
        await two.Recovery.FenceDeadAsync(two.Log.Id, bench, CancellationToken.None);

        await two.Recovery.RoundAsync(two.Log.Id, k => two.Activate(k).NudgeAsync().AsTask(), CancellationToken.None);
        var left = await two.Recovery.RoundAsync(two.Log.Id, static _ => Task.FromResult<long?>(null), CancellationToken.None);

        Assert.Equal(0, left);
        var row = await bench.Registry.ReadAsync(one.Log.Id, CancellationToken.None);
        Assert.Equal((LogState.Recovered, 2L), (row!.State, row.Quarantined));
        Assert.Equal(key, Assert.Single(two.Told).Key);
    }

    [Fact]
    public async Task Claim_OfEpisodesBehindADamagedChunk_FindsThoseWholeThatAnEndFrameProves()
    {
        var one = await bench.StartAsync();
        var (cut, cutKey) = await one.OpenAsync();
        var (across, acrossKey) = await one.OpenAsync();
        await across.AppendAsync(Batch(0, 1));
        await cut.AppendAsync(Batch(0, 1));
        bench.Storage.Damaged.Add(one.Log.DurableEnd);
        await cut.AppendAsync(Batch(1, 1));
        await across.AppendAsync(Batch(1, 1));
        await across.EndAsync(Completed(2));
        var (behind, behindKey) = await one.OpenAsync();
        for (var i = 0; i < 10; i++) await behind.AppendAsync(Batch(i, 1));
        await behind.EndAsync(Completed(10));
        foreach (var ended in new[] { across, behind })
        {
            // Neither a score nor a patch hides the ending before it.
            Assert.Equal(RollbookCode.Ok, (await ended.ScoreAsync([new ScoreEvent { EventId = "e", Name = ScoreEvent.Final, Value = 1, Source = "s" }]))[0].Code);
            Assert.Equal(RollbookCode.Ok, (await ended.PatchAsync(new PatchEpisode { GroupId = "g" })).Code);
        }

        for (var i = 2; i < 30; i++) await cut.AppendAsync(Batch(i, 1));
        await one.Log.CloseAsync();
        bench.Kill(one);
        await ForgetRunsAsync(one.Log.Id);

        var two = await bench.StartAsync();
        await two.Recovery.FenceDeadAsync(two.Log.Id, bench, CancellationToken.None);
        await two.Recovery.RoundAsync(two.Log.Id, k => two.Activate(k).NudgeAsync().AsTask(), CancellationToken.None);

        Assert.Equal(cutKey, Assert.Single(two.Told).Key);
        foreach (var (key, steps) in new[] { (acrossKey, 2), (behindKey, 10) })
        {
            var page = await two.Activate(key).ReadStepsAsync(0, 100, TimeSpan.Zero);
            Assert.Equal((RollbookCode.Ok, steps, true), (page.Code, page.Steps.Count, page.Ended));
            var record = (await two.Activate(key).ReadAsync()).Record!;
            Assert.Equal((EpisodeStatus.Completed, 1, 0.5, "g"), (record.Status, record.FinalScore, record.ReportedScore, record.GroupId));
            Assert.Equal("e", Assert.Single((await two.Activate(key).ReadScoresAsync(0, 9)).Scores).EventId);
        }

        var lost = await two.Activate(cutKey).ReadAsync();
        Assert.Equal(("damaged", 1L), (lost.Record!.EndCause, lost.Record.StepCount));
        Assert.Equal(0, await two.Recovery.RoundAsync(two.Log.Id, static _ => Task.FromResult<long?>(null), CancellationToken.None));
    }

    [Fact]
    public async Task Claim_OfALongRunningEpisode_ReadsNoneOfItsSteps()
    {
        var one = await bench.StartAsync();
        var (owner, key) = await one.OpenAsync();
        for (var i = 0; i < 60; i++) await owner.AppendAsync(Batch(i, 1));
        bench.Kill(one);
        var two = await bench.StartAsync();
        var before = bench.Storage.RangesRead;

        Assert.Equal(new AppendReply(RollbookCode.Ok, 61, 0), await two.Activate(key).AppendAsync(Batch(60, 1)));

        Assert.InRange(bench.Storage.RangesRead - before, 0, 2);
    }

    [Fact]
    public async Task ReadSteps_OverADamagedFrame_NamesTheGap()
    {
        var one = await bench.StartAsync();
        var (owner, key) = await one.OpenAsync();
        await owner.AppendAsync(Batch(0, 2));
        bench.Storage.Damaged.Add(one.Log.DurableEnd);
        await owner.AppendAsync(Batch(2, 2));
        await owner.AppendAsync(Batch(4, 2));

        var page = await owner.ReadStepsAsync(0, 10, TimeSpan.Zero);

        Assert.Equal((RollbookCode.Damaged, 2), (page.Code, page.Steps.Count));
        Assert.Equal(2, (await owner.ReadStepsAsync(4, 10, TimeSpan.Zero)).Steps.Count);
        Assert.Equal(key, (await owner.ReadAsync()).Record!.Key);
    }

    // The indexes without their marks of owned runs: the pass reads the log from its beginning.
    private async Task ForgetRunsAsync(LogId log)
    {
        for (var segment = 0; await bench.Indexes.GetAsync(log, SegmentIndexCodec.NameOf(segment), CancellationToken.None) is { } bytes; segment++)
        {
            if (SegmentIndexCodec.TryRead(log, bytes) is not { } index) continue;
            var bare = new SegmentIndex(index.Segment, index.FirstChunk, index.EndChunk, null, index.Entries.ToArray());
            await bench.Indexes.PutAsync(log, SegmentIndexCodec.NameOf(segment), SegmentIndexCodec.Write(log, bare), CancellationToken.None);
        }
    }
}
