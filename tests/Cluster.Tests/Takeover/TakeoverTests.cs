using Rollbook.Cluster.Tests.Silos;
using Rollbook.Episodes;
using Rollbook.StepLog;
using Rollbook.Testing;

namespace Rollbook.Cluster.Tests.Takeover;

public sealed class TakeoverTests
{
    private static readonly CancellationToken None = CancellationToken.None;

    [Fact]
    public async Task Claim_OfAnEpisodeOfALiveSilo_TakesItByReleaseAndLosesNothing()
    {
        await using var cluster = await RecorderCluster.StartAsync(2);
        var key = await cluster.OpenAsync(0);
        // Not the grain itself, which would come back for the episode.
        var owner = cluster.Activate(0, key);
        Assert.Equal(0, (await owner.ReadAsync()).Record!.StepCount);
        var pending = Enumerable.Range(0, 20).Select(i => owner.AppendAsync(Batch(i, 1)).AsTask()).ToList();
        var other = cluster.Activate(1, key);

        // Whatever was in flight is in the tail: the first ordinal that is free is right behind it.
        var view = await other.ReadAsync();
        await Task.WhenAll(pending);
        var before = pending.Count(static p => p.Result.Code == RollbookCode.Ok);
        Assert.Equal(before, view.Record!.StepCount);
        Assert.Equal(new AppendReply(RollbookCode.Ok, before + 1, 0), await other.AppendAsync(Batch(before, 1)));

        Assert.Equal((cluster.Log(1), 3L), (cluster.Stores.Header(key).Owner, cluster.Stores.Header(key).Term));
        Assert.Equal(LogState.Open, (await cluster.Stores.Registry.ReadAsync(cluster.Log(0), None))!.State);
        await AssertStepsAsync(cluster, 0, key, before + 1);
    }

    [Fact]
    public async Task Claim_AgainAndAgainByTwoSilos_KeepsTheSequence()
    {
        await using var cluster = await RecorderCluster.StartAsync(2);
        var key = await cluster.OpenAsync(0);
        for (var i = 0; i < 12; i++)
        {
            var owner = cluster.Activate(i % 2, key);
            Assert.Equal(new AppendReply(RollbookCode.Ok, i + 1, 0), await owner.AppendAsync(Batch(i, 1)));
            // A repeat of what another log holds is compared with it.
            Assert.Equal(new AppendReply(RollbookCode.Ok, i + 1, i + 1), await owner.AppendAsync(Batch(0, i + 1)));
        }

        await AssertStepsAsync(cluster, 1, key, 12);
    }

    [Fact]
    public async Task Append_AfterTheOwnersSiloWasKilled_GoesOnBehindAFence()
    {
        await using var cluster = await RecorderCluster.StartAsync(3);
        var key = await cluster.OpenAsync(0);
        for (var i = 0; i < 5; i++) Assert.Equal(RollbookCode.Ok, (await cluster.Episode(0, key).Append(Batch(i, 1))).Code);
        var (killed, dead) = (cluster.Silos[0], cluster.Log(0));
        var zombie = cluster.Core(0).Log;
        var claim = zombie.Find(key)!;
        await cluster.KillAsync(killed);

        var reply = await RecorderCluster.FinallyAsync(() => cluster.Episode(0, key).Append(Batch(5, 1)), static r => r.Code);

        Assert.Equal(new AppendReply(RollbookCode.Ok, 6, 0), reply);
        Assert.True((await cluster.Stores.Registry.ReadAsync(dead, None))!.State >= LogState.Fenced);
        await AssertStepsAsync(cluster, 1, key, 6);
        // What the dead process still tries is refused by the fence, and never acknowledged.
        await Assert.ThrowsAnyAsync<Exception>(() => zombie.Append(claim, FrameKind.Steps, 1, TestSteps.Range("zombie", 5, 1).Bytes.Span));
    }

    [Fact]
    public async Task Claim_WhereTheOldOwnersAddressHasAnotherLog_FencesTheOldOne()
    {
        await using var cluster = await RecorderCluster.StartAsync(2);
        // A process that stood where silo 1 stands now, with the same address and generation: only the log's id tells them apart.
        var address = cluster.Silos[1].SiloAddress;
        var former = await FormerSilo.StartAsync(cluster, address);
        var key = await former.OpenAsync(steps: 3);

        var reply = await RecorderCluster.FinallyAsync(() => cluster.Episode(0, key).Append(Batch(3, 1)), static r => r.Code);

        Assert.Equal(new AppendReply(RollbookCode.Ok, 4, 0), reply);
        Assert.True((await cluster.Stores.Registry.ReadAsync(former.Log, None))!.State >= LogState.Fenced);
        Assert.Equal(LogState.Open, (await cluster.Stores.Registry.ReadAsync(cluster.Log(1), None))!.State);
        await AssertStepsAsync(cluster, 1, key, 4);
    }

    [Fact]
    public async Task Claim_WhereTheOwnersSiloIsSilent_IsUnavailableAndFencesNothingBeforeItsTime()
    {
        await using var cluster = await RecorderCluster.StartAsync(2);
        var key = await cluster.OpenAsync(0);
        await cluster.Episode(0, key).Append(Batch(0, 2));
        cluster.Muted.Add(cluster.Silos[0].SiloAddress);

        Assert.Equal(RollbookCode.Unavailable, (await cluster.Activate(1, key).AppendAsync(Batch(2, 1))).Code);

        Assert.Equal(LogState.Open, (await cluster.Stores.Registry.ReadAsync(cluster.Log(0), None))!.State);
        Assert.Equal(new AppendReply(RollbookCode.Ok, 3, 0), await cluster.Episode(0, key).Append(Batch(2, 1)));
        cluster.Muted.Remove(cluster.Silos[0].SiloAddress);
        Assert.Equal(new AppendReply(RollbookCode.Ok, 4, 0), await cluster.Activate(1, key).AppendAsync(Batch(3, 1)));
    }

    [Fact]
    public async Task Claim_WhereTheOwnersSiloStaysSilent_FencesItsLogAndThatSiloStopsItself()
    {
        await using var cluster = await RecorderCluster.StartAsync(2, static options => options.FenceSilentSeconds = 1);
        var key = await cluster.OpenAsync(0);
        await cluster.Episode(0, key).Append(Batch(0, 2));
        var silo = cluster.Silos[0].SiloAddress;
        cluster.Muted.Add(silo);

        var reply = await RecorderCluster.FinallyAsync(() => cluster.Activate(1, key).AppendAsync(Batch(2, 1)), static r => r.Code);

        Assert.Equal(new AppendReply(RollbookCode.Ok, 3, 0), reply);
        Assert.True((await cluster.Stores.Registry.ReadAsync(cluster.Log(0), None))!.State >= LogState.Fenced);
        // Nothing is written there any more: it finds out by its own row.
        await RecorderCluster.UntilAsync("the silo to find its log fenced", () => Task.FromResult(cluster.Poisoned.ContainsKey(silo)));
        Assert.IsType<LogFencedException>(cluster.Poisoned[silo]);
    }

    [Fact]
    public async Task Stop_OfASilo_FlushesAndFencesItsLogAndOthersGoOn()
    {
        await using var cluster = await RecorderCluster.StartAsync(2);
        var key = await cluster.OpenAsync(0);
        for (var i = 0; i < 5; i++) Assert.Equal(RollbookCode.Ok, (await cluster.Episode(0, key).Append(Batch(i, 1))).Code);
        var (silo, log) = (cluster.Silos[0], cluster.Log(0));
        await cluster.StopAsync(silo);

        Assert.True((await cluster.Stores.Registry.ReadAsync(log, None))!.State >= LogState.Fenced);
        Assert.Equal(new AppendReply(RollbookCode.Ok, 6, 0), await RecorderCluster.FinallyAsync(() => cluster.Episode(0, key).Append(Batch(5, 1)), static r => r.Code));
        Assert.Empty(cluster.Poisoned);
    }

    [Fact]
    public async Task ReadSteps_OfAnEpisodeOfAnotherSilo_FollowsItLiveAndThroughATakeover()
    {
        await using var cluster = await RecorderCluster.StartAsync(3);
        var key = await cluster.OpenAsync(0);
        var reader = cluster.Episode(2, key);
        var page = reader.ReadSteps(0, 10, TimeSpan.FromSeconds(20));
        await cluster.Episode(1, key).Append(Batch(0, 1));
        Assert.Equal(TestSteps.Lines(TestSteps.Range("s", 0, 1)), TestSteps.Lines((await page).Steps));

        await cluster.KillAsync(cluster.Silos[0]);
        var next = await RecorderCluster.FinallyAsync(() => cluster.Episode(0, key).Append(Batch(1, 1)), static r => r.Code);
        Assert.Equal(new AppendReply(RollbookCode.Ok, 2, 0), next);
        var later = await RecorderCluster.FinallyAsync(() => reader.ReadSteps(1, 10, TimeSpan.FromSeconds(1)), static p => p.Code);
        Assert.Equal(TestSteps.Lines(TestSteps.Range("s", 1, 1)), TestSteps.Lines(later.Steps));
    }

    internal static AppendSteps Batch(long from, int count) => new() { From = from, Steps = TestSteps.Range("s", from, count) };

    internal static async Task AssertStepsAsync(RecorderCluster cluster, int silo, EpisodeKey key, int count)
    {
        var page = await RecorderCluster.FinallyAsync(() => cluster.Episode(silo, key).ReadSteps(0, count + 1, TimeSpan.Zero), static p => p.Code);
        Assert.Equal(RollbookCode.Ok, page.Code);
        Assert.Equal(TestSteps.Lines(TestSteps.Range("s", 0, count)), TestSteps.Lines(page.Steps));
    }
}
