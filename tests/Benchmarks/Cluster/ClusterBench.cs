using System.Globalization;
using Rollbook.Testing;

namespace Rollbook.Benchmarks;

/// <summary>
/// What a million steps cost in processor time at one, two and four silo processes over Azurite: all silos together, without the emulator and the client. Each silo has the same load
/// at every size, and gets more as soon as it has answered: who shares one load among more silos compares commits of fewer steps, too. Each process compiles its code before the count begins,
/// nothing is packed, and what the silos take while they have nothing to do is told apart.
/// </summary>
internal static class ClusterBench
{
    private const string Distributed = "--distributed-directory";
    private const string Batched = "--batched";
    private const string Lockstep = "--lockstep";
    private static readonly TimeSpan Idle = TimeSpan.FromSeconds(5);
    private static readonly int[] Sizes = [1, 2, 4];

    public static async Task<int> RunAsync(string[] args)
    {
        var numbers = args.Where(static arg => !arg.StartsWith('-')).Select(static arg => int.Parse(arg, CultureInfo.InvariantCulture)).ToList();
        var steps = numbers.Count > 0 ? numbers[0] : 200_000;
        var settings = new Dictionary<string, string>
        {
            ["Rollbook__Cluster__DistributedDirectory"] = args.Contains(Distributed) ? "true" : "false",
            // Else the minute in which a silo packs falls into one count and not into another. What packing costs is measured by itself.
            ["Rollbook__Archive__PackSeconds"] = "3600",
            ["Rollbook__Archive__PackBytes"] = "1073741824",
            ["Rollbook__Archive__CompactSeconds"] = "3600",
        };
        using var azurite = new Azurite();
        Console.WriteLine($"{steps:N0} steps a silo as coding agents send them, after those that are not counted{(args.Contains(Distributed) ? "; Orleans' distributed grain directory" : "")}; {Environment.ProcessorCount} processors shared by silos, Azurite and clients");
        foreach (var size in numbers.Count > 1 ? [.. numbers.Skip(1)] : Sizes)
        {
            if (!args.Contains(Lockstep)) await MeasureAsync(azurite, size, steps, settings, ClusterLoad.Batched);
            if (!args.Contains(Batched)) await MeasureAsync(azurite, size, steps, settings, ClusterLoad.Lockstep);
        }

        return 0;
    }

    private static async Task MeasureAsync(
        Azurite azurite, int size, int steps, Dictionary<string, string> settings, Func<SiloCluster, Task<ClusterLoad>> begin)
    {
        await using var cluster = new SiloCluster(azurite, size, settings);
        await cluster.StartAsync();
        using var load = await begin(cluster);
        var meter = new ClusterMeter(cluster, azurite.ConnectionString);
        await load.RunAsync(load.WarmSteps);
        // Two halves: where they differ much, something was not over when the count began.
        var first = await meter.CostAsync(() => load.RunAsync(steps / 2));
        var second = await meter.CostAsync(() => load.RunAsync(steps / 2));
        var idle = await meter.IdleAsync(Idle);
        var whole = first.Plus(second);
        Console.WriteLine($"{size} silo{(size == 1 ? " " : "s")}, {load.Told}, after {load.WarmSteps:N0} steps a silo: {whole.Told(idle)}; halves {first.PerMillion:0.0} and {second.PerMillion:0.0}; idle {1000 * idle / size:0} ms of a processor's second each; {await load.AwayAsync():P0} of the steps take a hop between silos");
    }
}
