using System.Diagnostics;
using System.Globalization;
using Rollbook.Client;
using Rollbook.Testing;

namespace Rollbook.Benchmarks;

/// <summary>
/// What a million steps cost in processor time at one, two and four silo processes over Azurite: all silos together, without the emulator and the client. The same steps by the
/// same number of episodes each time, spread over the silos' addresses.
/// </summary>
internal static class ClusterBench
{
    private const int Episodes = 256;
    private const int StepsATurn = 8;
    private const int Runs = 3;
    private static readonly int[] Sizes = [1, 2, 4];

    public static async Task<int> RunAsync(string[] args)
    {
        var steps = args.Length > 0 ? int.Parse(args[0], CultureInfo.InvariantCulture) : 200_000;
        using var azurite = new Azurite();
        Console.WriteLine($"{steps:N0} steps as coding agents send them, {Episodes} episodes, {StepsATurn} steps of each in a request; {Environment.ProcessorCount} processors shared by silos, Azurite and client");
        foreach (var size in Sizes)
        {
            for (var run = 0; run < Runs; run++) await MeasureAsync(azurite, size, steps);
        }

        return 0;
    }

    private static async Task MeasureAsync(Azurite azurite, int size, int steps)
    {
        await using var cluster = new SiloCluster(azurite, size);
        await cluster.StartAsync();
        var clients = Enumerable.Range(0, size).Select(place => cluster[place].Client(TimeSpan.FromMinutes(2))).ToList();
        var started = await Task.WhenAll(Enumerable.Range(0, Episodes).Select(worker => clients[worker % size].StartAsync(
            FormattableString.Invariant($"bench.{worker}"), new EpisodeStart { Task = "bench", VariantId = "cluster" })));
        var turns = steps / Episodes / StepsATurn;
        // Beforehand: making them would take processor time from the silos.
        var bodies = Enumerable.Range(0, Episodes).Select(worker => Body(worker)).ToList();
        await RoundAsync(clients, started, bodies, 0, 20);
        var before = Processor(cluster);
        var begun = Stopwatch.GetTimestamp();
        await RoundAsync(clients, started, bodies, 20, turns);
        var took = Stopwatch.GetElapsedTime(begun);
        var recorded = (long)turns * Episodes * StepsATurn;
        var cost = (Processor(cluster) - before).TotalSeconds / recorded * 1_000_000;
        Console.WriteLine($"{size} silo{(size == 1 ? " " : "s")}   {cost,6:0.0} CPU-seconds per million steps   {recorded / took.TotalSeconds,8:N0} steps/s");
        clients.ForEach(static client => client.Dispose());
    }

    /// <summary>Each silo's episodes together in one request after another, the silos side by side.</summary>
    private static Task RoundAsync(List<RollbookHttpClient> clients, StartedEpisode[] started, List<ReadOnlyMemory<byte>[]> bodies, int from, int turns) =>
        Task.WhenAll(clients.Select((client, place) => Task.Run(async () =>
        {
            for (var turn = from; turn < from + turns; turn++)
            {
                var runs = Enumerable.Range(0, Episodes).Where(worker => worker % clients.Count == place)
                    .Select(worker => new StepRun(started[worker].EpisodeId, (long)turn * StepsATurn, bodies[worker], started[worker].WriterEpoch)).ToList();
                foreach (var outcome in await client.AppendManyAsync(runs))
                    if (outcome.Code is not null) throw new InvalidOperationException($"{outcome.EpisodeId}: {outcome.Code}, {outcome.Detail}");
            }
        })));

    private static ReadOnlyMemory<byte>[] Body(int worker) =>
        [.. Enumerable.Range(0, StepsATurn).Select(ordinal => (ReadOnlyMemory<byte>)StepContent.Json(1, worker, 0, ordinal))];

    private static TimeSpan Processor(SiloCluster cluster)
    {
        var sum = TimeSpan.Zero;
        for (var place = 0; place < cluster.Count; place++)
        {
            using var process = Process.GetProcessById(cluster[place].Id);
            sum += process.TotalProcessorTime;
        }

        return sum;
    }
}
