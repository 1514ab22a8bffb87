using Rollbook.Episodes;
using Rollbook.StepLog;
using Xunit;
using static Rollbook.Grains.Tests.Episodes.BenchSilo;

namespace Rollbook.Grains.Tests.Episodes;

public sealed class EpisodeOwnerLifeTests
{
    private readonly RecorderBench bench = new();

    [Fact]
    public async Task End_WithStepsMissing_IsAGapThatNamesTheNext()
    {
        var (owner, _) = await (await bench.StartAsync()).OpenAsync();
        await owner.AppendAsync(Batch(0, 3));

        var reply = await owner.EndAsync(Completed(5));

        Assert.Equal((RollbookCode.OrdinalGap, 3), (reply.Code, reply.Expected));
        Assert.Equal(EpisodeStatus.Running, (await owner.ReadAsync()).Record!.Status);
    }

    [Fact]
    public async Task End_Twice_GivesTheSameReplyAndNeverAnotherScore()
    {
        var (owner, _) = await (await bench.StartAsync()).OpenAsync();
        await owner.AppendAsync(Batch(0, 1));

        var first = await owner.EndAsync(Completed(1));

        Assert.Equal(first, await owner.EndAsync(Completed(1)));
        Assert.Equal(RollbookCode.EndConflict, (await owner.EndAsync(Completed(1, score: null))).Code);
        Assert.Equal(RollbookCode.EndConflict, (await owner.EndAsync(new EndEpisode { Status = EpisodeStatus.Aborted })).Code);
        var superseded = await owner.EndAsync(new EndEpisode { Status = EpisodeStatus.Superseded });
        Assert.Equal((RollbookCode.Ok, EpisodeStatus.Completed), (superseded.Code, superseded.Record!.Status));
        Assert.Equal(RollbookCode.EpisodeEnded, (await owner.AppendAsync(Batch(1, 1))).Code);
        Assert.Equal(new AppendReply(RollbookCode.Ok, 1, 1), await owner.AppendAsync(Batch(0, 1)));
        Assert.Equal(RollbookCode.EpisodeEnded, (await owner.ResumeAsync("w2")).Code);
    }

    [Fact]
    public async Task Open_WithAnotherBody_IsRefusedAndWithAnEndingEndsIt()
    {
        var silo = await bench.StartAsync();
        var (owner, key) = await silo.OpenAsync();
        var other = Opening(key) with { Record = Opening(key).Record with { StartHash = 8 } };
        Assert.Equal(RollbookCode.EpisodeExists, (await owner.OpenAsync(other)).Code);

        var ended = Opening(key) with { AlreadyEnded = new EndEpisode { Status = EpisodeStatus.Superseded } };
        Assert.Equal(EpisodeStatus.Superseded, (await owner.OpenAsync(ended)).Record!.Status);
        Assert.Equal(RollbookCode.Ok, (await owner.OpenAsync(Opening(key))).Code);
    }

    [Fact]
    public async Task CheckDeadline_AfterTheSilence_EndsItAsLostAndAResumeGoesOn()
    {
        var silo = await bench.StartAsync();
        var (owner, key) = await silo.OpenAsync();
        await owner.AppendAsync(Batch(0, 2, epoch: 1));
        Advance(50);
        Assert.Equal(RollbookCode.Ok, await owner.HeartbeatAsync(1));
        Advance(50);
        await owner.CheckDeadlineAsync();
        Assert.Equal(EpisodeStatus.Running, (await owner.ReadAsync()).Record!.Status);

        Advance(62);
        await owner.CheckDeadlineAsync();
        Assert.Equal((EpisodeStatus.Lost, "silent"), ((await owner.ReadAsync()).Record!.Status, (await owner.ReadAsync()).Record!.EndCause));
        Assert.Equal(EpisodeStatus.Lost, Assert.Single(silo.Told).Status);

        var resumed = await owner.ResumeAsync("w2");
        Assert.Equal((RollbookCode.Ok, 2L, 2L), (resumed.Code, resumed.NextOrdinal, resumed.WriterEpoch));
        Assert.Equal(RollbookCode.WriterFenced, (await owner.AppendAsync(Batch(2, 1, epoch: 1))).Code);
        Assert.Equal(RollbookCode.WriterFenced, await owner.HeartbeatAsync(1));
        Assert.Equal(RollbookCode.WriterFenced, (await owner.EndAsync(Completed(2) with { WriterEpoch = 1 })).Code);
        Assert.Equal(new AppendReply(RollbookCode.Ok, 3, 0), await owner.AppendAsync(Batch(2, 1, epoch: 2)));
        Assert.False((await owner.ReadStepsAsync(3, 1, TimeSpan.Zero)).Ended);
        Assert.Equal(RollbookCode.Ok, (await owner.EndAsync(Completed(3))).Code);
        Assert.Equal(key, Assert.Single(bench.Headers.Snapshot()).Key);
    }

    [Fact]
    public async Task Append_AfterAnUncleanStop_GoesOnWhereTheAcknowledgedStepsEnd()
    {
        var one = await bench.StartAsync();
        var (old, key) = await one.OpenAsync();
        for (var at = 0; at < 300; at += 30) await old.AppendAsync(Batch(at, 30));
        bench.Kill(one);

        var owner = (await bench.StartAsync()).Activate(key);

        Assert.Equal(new AppendReply(RollbookCode.Ok, 310, 20), await owner.AppendAsync(Batch(280, 30)));
        Assert.Equal(new AppendReply(RollbookCode.OrdinalConflict, 5, 0), await owner.AppendAsync(Batch(5, 1, "other")));
        var page = await owner.ReadStepsAsync(0, 1000, TimeSpan.Zero);
        Assert.Equal((RollbookCode.Ok, 310), (page.Code, page.Steps.Count));
        Assert.Equal(RollbookCode.Unavailable, (await old.AppendAsync(Batch(310, 1))).Code);
    }

    [Fact]
    public async Task Resume_BehindARollOfTheSegment_IsFoundByRecovery()
    {
        var small = new RecorderBench(segmentBytes: 4096);
        var one = await small.StartAsync();
        var (owner, key) = await one.OpenAsync();
        await owner.EndAsync(new EndEpisode { Status = EpisodeStatus.Lost });
        // Claimed again with its ending; a segment closes before the resume frame.
        await (await owner.ResumeAsync(null) is { Code: RollbookCode.Ok } ? owner.EndAsync(new EndEpisode { Status = EpisodeStatus.Lost }) : default);
        var other = (await one.OpenAsync()).Owner;
        for (var i = 0; i < 40; i++) await other.AppendAsync(Batch(i, 1));
        Assert.Equal(RollbookCode.Ok, (await owner.ResumeAsync(null)).Code);
        small.Kill(one);

        var two = await small.StartAsync();
        await two.Recovery.FenceDeadAsync(two.Log.Id, small, CancellationToken.None);
        var nudged = new List<EpisodeKey>();
        await two.Recovery.RoundAsync(two.Log.Id, k => { nudged.Add(k); return Task.FromResult<long?>(null); }, CancellationToken.None);

        Assert.Contains(key, nudged);
        Assert.Equal(EpisodeStatus.Running, (await two.Activate(key).ReadAsync()).Record!.Status);
    }

    private void Advance(int seconds)
    {
        for (var i = 0; i < seconds; i++) bench.Time.Advance(TimeSpan.FromSeconds(1));
    }
}
