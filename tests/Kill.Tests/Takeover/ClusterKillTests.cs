using System.Globalization;
using Rollbook.Client;

namespace Rollbook.Kill.Tests;

/// <summary>T2: SIGKILL of a random silo of three under load, again and again; each comes back with a new log while the others take its episodes over.</summary>
public sealed class ClusterKillTests(Azurite azurite)
{
    private const int Seed = 2;
    private const int Workers = 64;
    private const int GatewayWorkers = 16;
    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(60);

    // Other work may share the machine, and the test has an end of its own after ten times the promise.
    private const int SharedMachine = 3;

    [Fact]
    public async Task Kill_OfRandomSilosUnderLoad_LosesNothingAcknowledged()
    {
        var cluster = new SiloCluster(azurite, 3, Tier.Settings);
        await Trial.RunAsync(cluster, trial => KillAsync(cluster, trial));
    }

    private static async Task KillAsync(SiloCluster cluster, Trial trial)
    {
        var random = new Random(Seed);
        var target = new LoadTarget(TimeSpan.FromSeconds(300));
        await using var supervisor = new Supervisor(cluster, target);
        supervisor.Start();
        var load = new LoadGenerator(Seed, Workers, target, Tier.Pause);
        await using var client = await RollbookClient.ConnectAsync(
            new RollbookClientOptions { Gateways = cluster.Gateways, ClusterId = cluster.Id, GiveUpAfter = TimeSpan.FromSeconds(300), JitterSeed = Seed });
        var gateway = new GatewayLoad(Seed, GatewayWorkers, client, Tier.Pause);
        load.Start();
        gateway.Start();
        var kills = new List<long>();
        while (kills.Count < Tier.Number("ROLLBOOK_T2_KILLS", 10))
        {
            trial.Now($"steps before kill {kills.Count}; {load.Acknowledged} so far");
            // Also one that comes before the last is mourned.
            await load.MoreAsync(random.Next(4) == 0 ? random.Next(1, Workers) : random.Next(Workers, 10 * Workers));
            var place = random.Next(cluster.Count);
            trial.Now($"kill of the silo at place {place}");
            kills.Add(TimeProvider.System.GetTimestamp());
            await supervisor.KillAsync(place);
        }

        trial.Now("steps after the last kill");
        // Each worker gets on after the last kill too.
        await load.MoreAsync(10 * Workers);
        await gateway.MoreAsync(10 * GatewayWorkers);
        trial.Now("the load's end");
        await load.StopAsync();
        await gateway.StopAsync();
        await supervisor.HoldAsync();
        trial.Now("the comparison");
        using var reader = cluster[random.Next(cluster.Count)].Client(TimeSpan.FromSeconds(60));
        var report = await Checker.CheckAsync(reader, load.Journals);
        var kept = await GatewayChecker.CheckAsync(reader, client, Seed, gateway);

        var waits = new Waits(load.AcknowledgedAt, kills);
        Figures.Report("T2", string.Create(
            CultureInfo.InvariantCulture,
            $"{kills.Count} kills of one of {cluster.Count} silos under {Workers} HTTP and {GatewayWorkers} gateway workers: {report.Steps + kept.Steps} steps of {report.Episodes + kept.Episodes} episodes acknowledged, "
            + $"{report.Lost.Count + kept.Lost.Count} lost, {report.Wrong.Count + kept.Wrong.Count} wrong ({report.Unknown} recorded of unknown outcome); {supervisor.Ends}; {waits}"));
        report.AssertClean();
        kept.AssertClean();
        Assert.Equal(gateway.Acknowledged, kept.Steps);
        Assert.True(waits.Count > 0, "No worker waited for a take-over: no owner was killed.");
        var limit = Tier.Limit(LongestWait, SharedMachine);
        Assert.True(waits.P99 <= limit, $"{waits}, expected at most {limit}");
    }
}
