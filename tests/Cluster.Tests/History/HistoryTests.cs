using Rollbook.Cluster.Tests.Silos;
using Rollbook.Cluster.Tests.Takeover;
using Rollbook.Query;
using Rollbook.StepLog;

namespace Rollbook.Cluster.Tests.History;

public sealed class HistoryTests
{
    private static readonly CancellationToken None = CancellationToken.None;

    [Fact]
    public async Task Pin_OnAnySilo_HasTheEpisodesOfAll()
    {
        await using var cluster = await RecorderCluster.StartAsync(3);
        var keys = new List<EpisodeKey>();
        for (var i = 0; i < 9; i++) keys.Add(await cluster.OpenAsync(i % 3));

        foreach (var silo in new[] { 0, 1, 2 })
        {
            var source = await PinAsync(cluster, silo);
            Assert.True(source.Complete);
            Assert.Equal(keys.Order(KeyOrder).ToList(), source.Live.Select(static e => e.Record.Key).Order(KeyOrder).ToList());
            Assert.Equal(3, source.Live.Select(static e => e.Log).Distinct().Count());
        }
    }

    [Fact]
    public async Task Pin_WhileASiloIsSilent_NamesItsLogAndHasTheRest()
    {
        await using var cluster = await RecorderCluster.StartAsync(3);
        for (var i = 0; i < 9; i++) await cluster.OpenAsync(i % 3);
        cluster.Muted.Add(cluster.Silos[1].SiloAddress);

        var source = await PinAsync(cluster, 0);

        Assert.Equal([cluster.Log(1).ToString()], source.Missing);
        Assert.Equal(6, source.Live.Count);
        cluster.Muted.Remove(cluster.Silos[1].SiloAddress);
        Assert.True((await PinAsync(cluster, 0)).Complete);
    }

    [Fact]
    public async Task Pin_AfterASiloWasKilled_IsCompleteAgainWithAllOfItsEpisodes()
    {
        await using var cluster = await RecorderCluster.StartAsync(3);
        var running = await cluster.OpenAsync(0);
        var ended = await cluster.OpenAsync(0);
        await cluster.Episode(0, ended).End(new EndEpisode { Status = EpisodeStatus.Completed, FinalScore = 0.5, NextOrdinal = 0 });
        var dead = cluster.Log(0).ToString();
        await cluster.KillAsync(cluster.Silos[0]);

        QuerySource source = QuerySource.Empty;
        await RecorderCluster.UntilAsync("the dead log to be packed and taken over", async () => (source = await PinAsync(cluster, 1)).Complete);

        Assert.DoesNotContain(source.Live, e => e.Log == dead);
        Assert.Contains(source.Live, e => e.Record.Key == running);
        Assert.Contains(source.Episodes, f => f.Name.Contains(dead, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Pin_AfterAnEpisodeMoved_TellsItsNewStateAndForgetsTheOldOne()
    {
        await using var cluster = await RecorderCluster.StartAsync(2);
        var key = await cluster.OpenAsync(0);
        await cluster.Episode(0, key).Append(TakeoverTests.Batch(0, 2));
        await cluster.Activate(1, key).AppendAsync(TakeoverTests.Batch(2, 1));

        var states = (await PinAsync(cluster, 0)).Live.Where(e => e.Record.Key == key).OrderBy(static e => e.Term).ToList();
        Assert.Equal([(1L, true), (2L, false)], states.Select(static e => (e.Term, e.Left)));
        // The old owner looks at the header: another has it for good.
        await RecorderCluster.UntilAsync("the old state to be forgotten", async () => (await PinAsync(cluster, 0)).Live.Count == 1);
        Assert.Null(cluster.Core(0).Log.Find(key));
    }

    [Fact]
    public async Task PackNow_OnOneSilo_PacksTheLogsOfAll()
    {
        await using var cluster = await RecorderCluster.StartAsync(3);
        for (var i = 0; i < 6; i++) await cluster.Episode(0, await cluster.OpenAsync(i % 3)).Append(TakeoverTests.Batch(0, 2));

        await cluster.Service<IQuerySources>(0).PackNowAsync(EpisodeKey.DefaultProject, None);

        var files = await (await PinAsync(cluster, 0)).FetchSteps!(None);
        Assert.All(new[] { 0, 1, 2 }, silo => Assert.Contains(files, f => f.Name.Contains(cluster.Log(silo).ToString(), StringComparison.Ordinal)));
    }

    [Fact]
    public async Task Duty_AskedByAllSilos_IsOnesUntilItStopsAsking()
    {
        await using var cluster = await RecorderCluster.StartAsync(3, static options => options.DutySeconds = 1);
        var duty = cluster.Service<IGrainFactory>(0).GetGrain<IDutyGrain>("a-test");

        var asked = await Task.WhenAll("abc".Select(silo => duty.Turn(silo.ToString(), [$"log-{silo}"])));
        Assert.Single(asked, static r => r.Mine);
        var holder = "abc"[Array.FindIndex(asked, static r => r.Mine)].ToString();
        var other = holder == "a" ? "b" : "a";
        Assert.False((await duty.Turn(other, [])).Mine);
        var reply = await duty.Turn(holder, []);
        Assert.True(reply.Mine);
        Assert.Equal(["log-a", "log-b", "log-c"], reply.Packed.Order());
        await RecorderCluster.UntilAsync("the turn to pass on", async () => (await duty.Turn(other, [])).Mine);
    }

    private static Comparer<EpisodeKey> KeyOrder => Comparer<EpisodeKey>.Create(static (a, b) => a.Id.CompareTo(b.Id));

    private static async Task<QuerySource> PinAsync(RecorderCluster cluster, int silo) =>
        await cluster.Service<IQuerySources>(silo).PinAsync(EpisodeKey.DefaultProject, None);
}
