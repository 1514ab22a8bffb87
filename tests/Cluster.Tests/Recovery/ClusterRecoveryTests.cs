using Rollbook.Cluster.Tests.Silos;
using Rollbook.Cluster.Tests.Takeover;
using Rollbook.StepLog;

namespace Rollbook.Cluster.Tests.Recovery;

public sealed class ClusterRecoveryTests
{
    private const int Episodes = 300;

    [Fact]
    public async Task Kill_OfASiloWithManyEpisodes_MovesThemUnaskedWithTwoHeaderCallsEachAndOnePassOverItsLog()
    {
        await using var cluster = await RecorderCluster.StartAsync(3, silo: NoDuties.Give);
        var keys = await Task.WhenAll(Enumerable.Range(0, Episodes).Select(_ => cluster.OpenAsync(0)));
        await Task.WhenAll(keys.Select(key => cluster.Episode(0, key).Append(TakeoverTests.Batch(0, 3)).AsTask()));
        var dead = cluster.Log(0);
        cluster.Stores.Headers.Calls.Clear();
        await cluster.KillAsync(cluster.Silos[0]);

        await RecorderCluster.UntilAsync(
            "the log to be recovered", async () => (await cluster.Stores.Registry.ReadAsync(dead, CancellationToken.None))!.State >= LogState.Recovered);

        Assert.All(keys, key => Assert.InRange(cluster.Stores.Headers.Calls[key], 2, 2));
        Assert.Equal(1, cluster.Stores.Storage.Passes[dead]);
        var owners = keys.Select(key => cluster.Stores.Header(key).Owner).GroupBy(static log => log).ToDictionary(static g => g.Key, static g => g.Count());
        // One silo after another was given an episode: neither has them all.
        Assert.Equal(2, owners.Count);
        Assert.DoesNotContain(dead, owners.Keys);
        Assert.All(owners.Values, static count => Assert.InRange(count, Episodes / 4, Episodes * 3 / 4));
        foreach (var key in keys.Take(20)) await TakeoverTests.AssertStepsAsync(cluster, 1, key, 3);
    }

    [Fact]
    public async Task Kill_OfTwoSilosAtOnce_LeavesNothingBehind()
    {
        await using var cluster = await RecorderCluster.StartAsync(3);
        var keys = new List<EpisodeKey>();
        for (var i = 0; i < 20; i++) keys.Add(await cluster.OpenAsync(i % 3));
        await Task.WhenAll(keys.Select(key => cluster.Episode(2, key).Append(TakeoverTests.Batch(0, 3)).AsTask()));
        LogId[] dead = [cluster.Log(0), cluster.Log(1)];
        var (one, two) = (cluster.Silos[0], cluster.Silos[1]);
        await Task.WhenAll(cluster.KillAsync(one), cluster.KillAsync(two));

        foreach (var log in dead)
        {
            await RecorderCluster.UntilAsync(
                "both logs to be recovered", async () => (await cluster.Stores.Registry.ReadAsync(log, CancellationToken.None))!.State >= LogState.Recovered);
        }

        Assert.All(keys, key => Assert.Equal(cluster.Log(0), cluster.Stores.Header(key).Owner));
        foreach (var key in keys)
            Assert.Equal(new AppendReply(RollbookCode.Ok, 4, 0), await cluster.Episode(0, key).Append(TakeoverTests.Batch(3, 1)));
    }
}
