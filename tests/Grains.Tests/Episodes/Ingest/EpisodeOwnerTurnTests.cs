using Rollbook.Episodes;
using Rollbook.Testing;
using Xunit;
using static Rollbook.Grains.Tests.Episodes.BenchSilo;

namespace Rollbook.Grains.Tests.Episodes.Ingest;

/// <summary>What a turn takes: that which follows the tail, and nothing else.</summary>
public sealed class EpisodeOwnerTurnTests
{
    private readonly RecorderBench bench = new();

    [Fact]
    public async Task TryAppend_OfWhatFollows_IsDurableWithItsCommit()
    {
        var (owner, _) = await (await bench.StartAsync()).OpenAsync();

        for (var at = 0; at < 40; at += 4)
        {
            var commit = owner.TryAppend(Batch(at, 4));
            Assert.NotNull(commit);
            Assert.Equal(new AppendReply(RollbookCode.Ok, at + 4, 0), await EpisodeAppends.DurableAsync(commit, at + 4));
        }

        Assert.Equal(TestSteps.Lines(TestSteps.Range("s", 0, 40)), TestSteps.Lines((await owner.ReadStepsAsync(0, 100, TimeSpan.Zero)).Steps));
    }

    [Fact]
    public async Task TryAppend_OfARepeatAGapOrAnOverlap_TakesNothing()
    {
        var (owner, _) = await (await bench.StartAsync()).OpenAsync();
        await owner.AppendAsync(Batch(0, 5));

        Assert.Null(owner.TryAppend(Batch(0, 5)));
        Assert.Null(owner.TryAppend(Batch(4, 3)));
        Assert.Null(owner.TryAppend(Batch(6, 1)));

        Assert.Equal(5, (await owner.ReadAsync()).Record!.StepCount);
    }

    [Fact]
    public async Task TryAppend_OfAnOlderWriter_TakesNothing()
    {
        var (owner, _) = await (await bench.StartAsync()).OpenAsync();
        var resumed = await owner.ResumeAsync("other");

        Assert.Null(owner.TryAppend(Batch(0, 1) with { WriterEpoch = resumed.WriterEpoch - 1 }));
        Assert.NotNull(owner.TryAppend(Batch(0, 1) with { WriterEpoch = resumed.WriterEpoch }));
    }

    [Fact]
    public async Task TryAppend_AfterTheEndOrTheLeave_TakesNothing()
    {
        var silo = await bench.StartAsync();
        var (ended, _) = await silo.OpenAsync();
        await ended.EndAsync(new EndEpisode { Status = EpisodeStatus.Completed, NextOrdinal = 0 });
        var (left, _) = await silo.OpenAsync();
        left.Leave();

        Assert.Null(ended.TryAppend(Batch(0, 1)));
        Assert.Null(left.TryAppend(Batch(0, 1)));
    }

    [Fact]
    public async Task TryAppend_OfNoSteps_TakesNothingAsTheCallDoes()
    {
        var silo = await bench.StartAsync();
        var (owner, _) = await silo.OpenAsync();
        await owner.AppendAsync(Batch(0, 2));
        var end = silo.Log.DurableEnd;

        Assert.Null(owner.TryAppend(Batch(2, 0)));
        Assert.Equal(new AppendReply(RollbookCode.Ok, 2, 0), await owner.AppendAsync(Batch(2, 0)));

        Assert.Equal(0, silo.Log.BytesInFlight);
        Assert.Equal(end, silo.Log.DurableEnd);
    }

    [Fact]
    public async Task TryAppend_BeforeTheClaim_TakesNothing()
    {
        var silo = await bench.StartAsync();
        Assert.Null(silo.Activate(bench.NewKey()).TryAppend(Batch(0, 1)));
    }
}
