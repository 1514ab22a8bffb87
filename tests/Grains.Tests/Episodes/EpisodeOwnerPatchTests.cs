using Rollbook.Episodes;
using Xunit;
using static Rollbook.Grains.Tests.Episodes.BenchSilo;

namespace Rollbook.Grains.Tests.Episodes;

public sealed class EpisodeOwnerPatchTests
{
    private readonly RecorderBench bench = new();

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Patch_OfAbsentFields_SetsThemForGood(bool ended)
    {
        var one = await bench.StartAsync();
        var (owner, key) = await one.OpenAsync();
        await owner.AppendAsync(Batch(0, 2));
        await owner.ScoreAsync([new ScoreEvent { EventId = "a", Name = ScoreEvent.Final, Value = 1, Source = "s" }]);
        if (ended) await owner.EndAsync(Completed(2));

        var reply = await owner.PatchAsync(new PatchEpisode { GroupId = "g", Attempt = 0, Environment = "env" });
        await owner.PatchAsync(new PatchEpisode { Seed = -7, GroupId = "g" });

        Assert.Equal((RollbookCode.Ok, "g", 0, null), (reply.Code, reply.View.Record!.GroupId, reply.View.Record.Attempt, reply.View.Record.Seed));
        if (!ended) await owner.AppendAsync(Batch(2, 1));
        bench.Kill(one);
        var record = (await (await bench.StartAsync()).Activate(key).ReadAsync()).Record!;
        Assert.Equal(("g", 0, -7L, null, "env"), (record.GroupId, record.Attempt, record.Seed, record.PolicyVersion, record.Environment));
        Assert.Equal((ended ? EpisodeStatus.Completed : EpisodeStatus.Running, 1, ended ? 2 : 3), (record.Status, record.FinalScore, record.StepCount));
        Assert.Equal(ended ? 0.5 : null, record.ReportedScore);
    }

    [Fact]
    public async Task Patch_WithAnotherValueOfOneField_SetsNone()
    {
        var (owner, _) = await (await bench.StartAsync()).OpenAsync();
        await owner.PatchAsync(new PatchEpisode { Attempt = 1 });

        var reply = await owner.PatchAsync(new PatchEpisode { GroupId = "g", Attempt = 2 });

        Assert.Equal((RollbookCode.FieldConflict, "attempt"), (reply.Code, reply.Field));
        Assert.Null(reply.View.Record);
        var record = (await owner.ReadAsync()).Record!;
        Assert.Equal((null, 1), (record.GroupId, record.Attempt));
    }

    [Fact]
    public async Task Patch_OfAnEndedEpisodeThatNobodyHolds_LeavesItEnded()
    {
        var silo = await bench.StartAsync();
        var (first, key) = await silo.OpenAsync();
        await first.EndAsync(new EndEpisode { Status = EpisodeStatus.Lost });
        first.Leave();
        var second = silo.Activate(key);

        Assert.Equal(RollbookCode.Ok, (await second.PatchAsync(new PatchEpisode { PolicyVersion = "p" })).Code);

        Assert.True(second.Finished);
        second.Leave();
        // What asks for nothing new claims nothing.
        var term = bench.Headers.Snapshot()[0].Term;
        var third = silo.Activate(key);
        Assert.Equal("p", (await third.PatchAsync(new PatchEpisode { PolicyVersion = "p" })).View.Record!.PolicyVersion);
        Assert.Equal(term, bench.Headers.Snapshot()[0].Term);
        Assert.Equal(RollbookCode.Ok, (await third.ResumeAsync("w")).Code);
        Assert.Equal("p", (await third.ReadAsync()).Record!.PolicyVersion);
    }

    [Fact]
    public async Task Patch_OfAnUnknownEpisode_CreatesNone()
    {
        var silo = await bench.StartAsync();

        Assert.Equal(RollbookCode.EpisodeNotFound, (await silo.Activate(bench.NewKey()).PatchAsync(new PatchEpisode { GroupId = "g" })).Code);
        Assert.Equal(RollbookCode.EpisodeNotFound, (await silo.Activate(bench.NewKey()).LabelAsync(new LabelEvent { EventId = "e", Add = ["x"] })).Code);
        Assert.Empty(bench.Headers.Snapshot());
    }
}
