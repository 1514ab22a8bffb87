using System.Diagnostics;
using System.Globalization;
using Rollbook.Client;
using Rollbook.StepLog;
using Rollbook.Testing;

namespace Rollbook.Benchmarks;

/// <summary>
/// What a million steps cost in processor time at one, two and four silo processes over Azurite: all silos together, without the emulator and the client. The same steps by the
/// same number of episodes each time, spread over the silos' addresses: many episodes' steps in a request, or in lockstep, each step a request of its own.
/// </summary>
internal static class ClusterBench
{
    private const int Episodes = 256;
    private const int StepsATurn = 8;
    private const int Runs = 3;
    private static readonly int[] Sizes = [1, 2, 4];

    public static async Task<int> RunAsync(string[] args)
    {
        var distributed = args.Contains("--distributed-directory");
        var steps = args.Length > 0 && args[0] != "--distributed-directory" ? int.Parse(args[0], CultureInfo.InvariantCulture) : 200_000;
        var settings = new Dictionary<string, string> { ["Rollbook__Cluster__DistributedDirectory"] = distributed ? "true" : "false" };
        using var azurite = new Azurite();
        Console.WriteLine($"{steps:N0} steps as coding agents send them, {Episodes} episodes, batched {StepsATurn} steps of each in a request; {(distributed ? "Orleans' distributed grain directory; " : "")}{Environment.ProcessorCount} processors shared by silos, Azurite and client");
        foreach (var size in Sizes)
        {
            for (var run = 0; run < Runs; run++) await MeasureAsync(azurite, size, steps, settings);
        }

        return 0;
    }

    private static async Task MeasureAsync(Azurite azurite, int size, int steps, Dictionary<string, string> settings)
    {
        await using var cluster = new SiloCluster(azurite, size, settings);
        await cluster.StartAsync();
        var clients = Enumerable.Range(0, size).Select(place => cluster[place].Client(TimeSpan.FromMinutes(2))).ToList();
        var started = await Task.WhenAll(Enumerable.Range(0, Episodes).Select(worker => clients[worker % size].StartAsync(
            FormattableString.Invariant($"bench.{worker}"), new EpisodeStart { Task = "bench", VariantId = "cluster" })));
        // Beforehand: making them would take processor time from the silos.
        var bodies = Enumerable.Range(0, Episodes).Select(worker => Body(worker)).ToList();
        var turns = steps / Episodes / StepsATurn;
        var batched = await CostAsync(cluster, (from, to) => RoundAsync(clients, started, bodies, from, to), 20, turns, Episodes * StepsATurn);
        var first = (long)turns * StepsATurn;
        var lockstep = await CostAsync(cluster, (from, to) => LockstepAsync(clients, started, bodies, first, from, to), 20, steps / Episodes / 2, Episodes);
        Console.WriteLine($"{size} silo{(size == 1 ? " " : "s")}   CPU-seconds per million steps: batched {batched,6:0.0}, lockstep {lockstep,6:0.0}   {await AwayAsync(cluster, started, size):P0} of the episodes are another silo's than the one they were begun at");
        clients.ForEach(static client => client.Dispose());
    }

    /// <summary>After the first turns, which warm up.</summary>
    private static async Task<double> CostAsync(SiloCluster cluster, Func<int, int, Task> round, int warm, int turns, int stepsATurn)
    {
        await round(0, warm);
        var before = Processor(cluster);
        await round(warm, turns);
        return (Processor(cluster) - before).TotalSeconds / ((long)(turns - warm) * stepsATurn) * 1_000_000;
    }

    private static Task LockstepAsync(List<RollbookHttpClient> clients, StartedEpisode[] started, List<ReadOnlyMemory<byte>[]> bodies, long first, int from, int to) =>
        Task.WhenAll(started.Select((episode, worker) => Task.Run(async () =>
        {
            for (var turn = from; turn < to; turn++)
                await clients[worker % clients.Count].AppendAsync(episode.EpisodeId, first + turn, bodies[worker][turn % StepsATurn], episode.WriterEpoch);
        })));

    /// <summary>Each step of these takes a hop from one silo to another.</summary>
    private static async Task<double> AwayAsync(SiloCluster cluster, StartedEpisode[] started, int size)
    {
        var owners = new List<(int Place, LogId Owner)>();
        for (var worker = 0; worker < started.Length; worker++)
        {
            var header = await cluster.Headers.ReadAsync(new EpisodeKey(EpisodeKey.DefaultProject, EpisodeId.Parse(started[worker].EpisodeId)), CancellationToken.None);
            owners.Add((worker % size, header!.Owner));
        }

        // A silo is known by the log that most of the episodes begun at it have.
        return owners.GroupBy(static o => o.Place).Sum(static place => place.Count() - place.GroupBy(static o => o.Owner).Max(static log => log.Count())) / (double)owners.Count;
    }

    /// <summary>Each silo's episodes together in one request after another, the silos side by side.</summary>
    private static Task RoundAsync(List<RollbookHttpClient> clients, StartedEpisode[] started, List<ReadOnlyMemory<byte>[]> bodies, int from, int to) =>
        Task.WhenAll(clients.Select((client, place) => Task.Run(async () =>
        {
            for (var turn = from; turn < to; turn++)
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
