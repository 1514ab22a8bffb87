using System.Globalization;
using Azure.Data.Tables;
using Rollbook.Client;

namespace Rollbook.Kill.Tests;

/// <summary>What a silo's death costs in operations on the storage: two on the headers for each open episode, and one reading of the dead log.</summary>
public sealed class DeathCostTests(Azurite azurite)
{
    private const int AtOnce = 32;
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(600);
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(500);

    [Fact]
    public async Task Kill_WithManyOpenEpisodes_CostsTwoOperationsEachAndOneReading()
    {
        await using var relay = new StorageRelay(azurite.ConnectionString, System.Net.IPAddress.Loopback);
        var settings = new Dictionary<string, string>(Tier.Settings)
        {
            ["Rollbook__Cluster__LocalPreferencePercent"] = "100",
            // Who waits too long for the one pass reads the log himself, which a starved machine must not cause here.
            ["Rollbook__Cluster__CallSeconds"] = "30",
            ["Rollbook__Archive__PackSeconds"] = "3600",
            ["Rollbook__Archive__CompactSeconds"] = "3600",
        };
        var cluster = new SiloCluster(azurite, 3, settings, relay.ConnectionString);
        await Trial.RunAsync(cluster, trial => KillAsync(cluster, relay, trial));
    }

    private static async Task KillAsync(SiloCluster cluster, StorageRelay relay, Trial trial)
    {
        var episodes = Tier.Number("ROLLBOOK_OPEN_EPISODES", 1000);
        trial.Now($"{episodes} episodes begin");
        using var client = cluster[0].Client(TimeSpan.FromSeconds(120));
        await Parallel.ForEachAsync(Enumerable.Range(0, episodes), new ParallelOptions { MaxDegreeOfParallelism = AtOnce }, async (worker, _) =>
        {
            var started = await client.StartAsync(FormattableString.Invariant($"open.{worker}"), new EpisodeStart { Task = "open", VariantId = "death" });
            await client.AppendAsync(started.EpisodeId, 0, StepContent.Lines(6, worker, 0, 0, 3), started.WriterEpoch);
        });
        var log = await cluster.LogOfAsync(0);
        var open = await OwnedAsync(cluster, $"{log}");
        Assert.True(open >= episodes / 2, $"Only {open} of {episodes} episodes are at the silo that began them.");

        trial.Now($"the kill of the silo with {open} of them, and their claims");
        relay.Clear();
        var killed = TimeProvider.System.GetTimestamp();
        await cluster[0].KillAsync();
        while (await OwnedAsync(cluster, $"{log}") is > 0 and var left)
        {
            if (TimeProvider.System.GetElapsedTime(killed) > Longest) throw new TimeoutException($"{left} of {open} episodes are still the dead log's.");
            await Task.Delay(Pause, TimeProvider.System);
        }

        var took = TimeProvider.System.GetElapsedTime(killed);
        var tally = new StorageTally(relay.Requests, cluster);
        var reads = tally.ReadsOf($"{log}");
        Figures.Report("Death", string.Create(
            CultureInfo.InvariantCulture,
            $"a silo's death with {open} open episodes, claimed again within {took.TotalSeconds:0.0} s: {(double)tally.Headers / open:0.00} operations on headers an episode, {tally.States} on grain states, {tally.OtherTables} on membership and registry, "
            + $"{tally.Writes} chunks written; of the dead log {reads.Count} chunks read, each {(reads.Count == 0 ? 0 : reads.Max())} times at most, {tally.OtherLog} listings and index operations"));
        Assert.True(tally.Headers <= 2 * open, $"{tally.Headers} operations on the headers of {open} episodes");
        Assert.NotEmpty(reads);
        // Once by the recovery and, where that comes in time to be counted, once by the silo that packs dead logs; by two while a death moves that turn, of which one comes to nothing.
        Assert.All(reads, static times => Assert.InRange(times, 1, 3));
    }

    private static async Task<int> OwnedAsync(SiloCluster cluster, string log)
    {
        var owned = 0;
        await foreach (var _ in cluster.HeaderTable.QueryAsync<TableEntity>(TableClient.CreateQueryFilter($"Owner eq {log}"), select: ["RowKey"])) owned++;
        return owned;
    }
}
