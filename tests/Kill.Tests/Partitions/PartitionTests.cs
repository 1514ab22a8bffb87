using System.Globalization;
using Rollbook.Client;

namespace Rollbook.Kill.Tests;

/// <summary>T10 and T11: networks that are cut between silos, and between one and the storage.</summary>
public sealed class PartitionTests(Azurite azurite)
{
    private const int Workers = 24;
    private const int Seed = 10;
    private static readonly TimeSpan LongestStay = TimeSpan.FromSeconds(60);

    [Fact]
    public async Task Cut_BetweenSilosThatReachTheStorage_LosesAndDoublesNothing()
    {
        var target = new LoadTarget(TimeSpan.FromSeconds(600));
        await CutCluster.RunAsync(azurite, target, new Dictionary<string, string>(), (cluster, trial) => CutSilosAsync(cluster, target, trial));
    }

    private static async Task CutSilosAsync(CutCluster cluster, LoadTarget target, Trial trial)
    {
        var random = new Random(Seed);
        var load = new LoadGenerator(Seed, Workers, target, Tier.Pause);
        load.Start();
        var cuts = new List<long>();
        while (cuts.Count < Tier.Number("ROLLBOOK_T10_CUTS", 4))
        {
            trial.Now($"steps before cut {cuts.Count}; {load.Acknowledged} so far");
            await load.MoreAsync(random.Next(2 * Workers, 6 * Workers));
            trial.Now("all silos come up");
            await cluster.Supervisor.HoldAsync();
            var ways = Ways(cuts.Count % 4, random.Next(3));
            trial.Now($"a cut: {string.Join(", ", ways)}");
            cuts.Add(TimeProvider.System.GetTimestamp());
            foreach (var way in ways) await cluster.CutAsync(way);
            // How long it lasts is part of the fault: from a moment that nobody notices to the death of a silo.
            await Task.Delay(TimeSpan.FromSeconds(2 + (8 * random.NextDouble())), TimeProvider.System);
            foreach (var way in ways) await cluster.HealAsync(way);
            cluster.Supervisor.GoOn();
        }

        trial.Now("steps after the last cut");
        await load.MoreAsync(10 * Workers);
        trial.Now("the load's end");
        await load.StopAsync();
        await cluster.Supervisor.HoldAsync();
        trial.Now("the comparison");
        using var reader = cluster.Silos[random.Next(3)].Client(TimeSpan.FromSeconds(60));
        var report = await Checker.CheckAsync(reader, load.Journals);

        var waits = new Waits(load.AcknowledgedAt, cuts);
        Figures.Report("T10", string.Create(
            CultureInfo.InvariantCulture,
            $"{cuts.Count} cuts between silos under {Workers} workers, of one from all, one way, both ways, and around: {report.Steps} steps acknowledged, {report.Lost.Count} lost, {report.Wrong.Count} wrong; "
            + $"{cluster.Supervisor.Ends}; {waits}"));
        report.AssertClean();
        Assert.True(waits.Count > 0, "No worker noticed a cut: nothing was cut.");
    }

    [Fact]
    public async Task Cut_BetweenASiloAndTheStorage_AcknowledgesNothingAndTheSiloLeaves()
    {
        var target = new LoadTarget(TimeSpan.FromSeconds(600));
        var settings = new Dictionary<string, string> { ["Rollbook__ObjectStepLog__RepeatSeconds"] = Tier.Number("ROLLBOOK_T11_SECONDS", 20).ToString(CultureInfo.InvariantCulture) };
        await CutCluster.RunAsync(azurite, target, settings, (cluster, trial) => CutStorageAsync(cluster, target, trial));
    }

    private static async Task CutStorageAsync(CutCluster cluster, LoadTarget target, Trial trial)
    {
        const int Place = 0;
        trial.Now("steps before the cut");
        var load = new LoadGenerator(Seed + 1, Workers, target, Tier.Pause);
        load.Start();
        await load.MoreAsync(10 * Workers);
        var episode = await ProbedEpisode.BeginAsync(cluster.Silos, Place, 10);
        await cluster.Supervisor.HoldAsync();
        var silo = cluster.Silos[Place];
        var log = await cluster.Silos.LogOfAsync(Place);

        trial.Now($"the silo at place {Place} is cut from the storage");
        var cut = TimeProvider.System.GetTimestamp();
        await cluster.Network.CutAsync(Place, cluster.Network.Storage);
        var leaving = silo.ExitAsync(Tier.Limit(LongestStay));
        var refused = 0;
        using var door = Once(silo.Address);
        using var other = Once(cluster.Silos[1].Address);
        for (var turn = 0; !leaving.IsCompleted && turn < 10_000; turn++)
        {
            try
            {
                await episode.AppendAsync(turn % 2 == 0 ? door : other, 1);
                // Who says so must be another log.
                Assert.NotEqual(log, (await cluster.Silos.Headers.ReadAsync(episode.Key, CancellationToken.None))!.Owner);
            }
            catch (RollbookException refusal)
            {
                Assert.True(refusal.Retry, $"A final answer of a silo without storage: {refusal.Code}, {refusal.Message}");
                refused++;
                await Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System);
            }
        }

        var code = await leaving;
        var stayed = TimeProvider.System.GetElapsedTime(cut);
        trial.Now($"it is gone with exit code {code}; steps without it");
        await cluster.Network.HealAsync(Place, cluster.Network.Storage);
        cluster.Supervisor.GoOn();
        using var writer = cluster.Silos[1].Client(TimeSpan.FromSeconds(120));
        await episode.AppendAsync(writer, 1);
        await load.MoreAsync(10 * Workers);
        await load.StopAsync();
        await cluster.Supervisor.HoldAsync();
        trial.Now("the comparison");
        using var reader = cluster.Silos[2].Client(TimeSpan.FromSeconds(60));
        var report = await Checker.CheckAsync(reader, load.Journals.Append([episode.Journal]));

        Figures.Report("T11", string.Create(
            CultureInfo.InvariantCulture,
            $"a silo cut from the storage: {refused} appends refused, none acknowledged by its log, the silo left after {stayed.TotalSeconds:0.0} s with exit code {code}; {report.Steps} steps acknowledged under {Workers} workers, "
            + $"{report.Lost.Count} lost, {report.Wrong.Count} wrong"));
        report.AssertClean();
        Assert.True(refused > 0, "No append was refused: nothing was cut.");
        Assert.NotEqual(0, code);
    }

    /// <summary>What is cut: one silo from all others, one way, both ways, and a way around.</summary>
    private static (int From, int To)[] Ways(int kind, int silo)
    {
        var (next, last) = ((silo + 1) % 3, (silo + 2) % 3);
        return kind switch
        {
            0 => [(silo, next), (next, silo), (silo, last), (last, silo)],
            1 => [(silo, next)],
            2 => [(silo, next), (next, silo)],
            _ => [(silo, next), (next, last), (last, silo)],
        };
    }

    private static RollbookHttpClient Once(Uri silo) => new(new RollbookHttpOptions { BaseAddress = silo, GiveUpAfter = TimeSpan.Zero, RequestTimeout = TimeSpan.FromSeconds(10) });
}
