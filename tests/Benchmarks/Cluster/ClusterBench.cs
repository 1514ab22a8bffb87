using System.Globalization;
using Rollbook.Client;
using Rollbook.StepLog;
using Rollbook.Testing;

namespace Rollbook.Benchmarks;

/// <summary>
/// What a million steps cost in processor time at one, two and four silo processes over Azurite: all silos together, without the emulator and the client. The same requests for the
/// same episodes each time, spread over the silos' addresses: many episodes' steps in a request, or in lockstep, each step a request of its own. Each silo compiles its code before the
/// count begins, nothing is packed, and what the silos take while they have nothing to do is told apart.
/// </summary>
internal static class ClusterBench
{
    private const int Episodes = 256;
    private const int Clients = 8;
    private const int StepsATurn = 8;
    private const int WarmStepsASilo = 40_000;
    private static readonly TimeSpan Idle = TimeSpan.FromSeconds(5);
    private static readonly int[] Sizes = [1, 2, 4];

    public static async Task<int> RunAsync(string[] args)
    {
        var distributed = args.Contains("--distributed-directory");
        var numbers = args.Where(static arg => arg != "--distributed-directory").Select(static arg => int.Parse(arg, CultureInfo.InvariantCulture)).ToList();
        var steps = numbers.Count > 0 ? numbers[0] : 200_000;
        var settings = new Dictionary<string, string>
        {
            ["Rollbook__Cluster__DistributedDirectory"] = distributed ? "true" : "false",
            // Else the minute in which a silo packs falls into one count and not into another. What packing costs is measured by itself.
            ["Rollbook__Archive__PackSeconds"] = "3600",
            ["Rollbook__Archive__CompactSeconds"] = "3600",
        };
        using var azurite = new Azurite();
        Console.WriteLine($"{steps:N0} steps as coding agents send them, {Episodes} episodes, batched {StepsATurn} steps of each of {Episodes / Clients} in a request, by {Clients} clients; {WarmStepsASilo:N0} steps a silo before the count; {(distributed ? "Orleans' distributed grain directory; " : "")}{Environment.ProcessorCount} processors shared by silos, Azurite and client");
        foreach (var size in numbers.Count > 1 ? [.. numbers.Skip(1)] : Sizes) await MeasureAsync(azurite, size, steps, settings);
        return 0;
    }

    private static async Task MeasureAsync(Azurite azurite, int size, int steps, Dictionary<string, string> settings)
    {
        await using var cluster = new SiloCluster(azurite, size, settings);
        await cluster.StartAsync();
        var clients = Enumerable.Range(0, Clients).Select(client => cluster[client % size].Client(TimeSpan.FromMinutes(2))).ToList();
        var started = await Task.WhenAll(Enumerable.Range(0, Episodes).Select(worker => clients[worker % Clients].StartAsync(
            FormattableString.Invariant($"bench.{worker}"), new EpisodeStart { Task = "bench", VariantId = "cluster" })));
        // Beforehand: making them would take processor time from the silos.
        var bodies = Enumerable.Range(0, Episodes).Select(worker => Body(worker)).ToList();
        var meter = new ClusterMeter(cluster, azurite.ConnectionString);
        var warm = WarmStepsASilo * size / Episodes / StepsATurn;
        var turns = steps / Episodes / StepsATurn;
        await RoundAsync(clients, started, bodies, 0, warm);
        var batched = await meter.CostAsync(() => RoundAsync(clients, started, bodies, warm, warm + turns), turns * StepsATurn * Episodes);
        var first = (long)(warm + turns) * StepsATurn;
        (warm, turns) = (WarmStepsASilo * size / Episodes / 2, steps / Episodes / 2);
        await LockstepAsync(clients, started, bodies, first, 0, warm);
        var lockstep = await meter.CostAsync(() => LockstepAsync(clients, started, bodies, first, warm, warm + turns), turns * Episodes);
        var idle = await meter.IdleAsync(Idle);
        Console.WriteLine($"{size} silo{(size == 1 ? " " : "s")}  batched: {batched.Told(idle)}; lockstep: {lockstep.Told(idle)}; idle {1000 * idle / size:0} ms of a processor's second each; {await AwayAsync(cluster, started, size):P0} of the episodes are another silo's than the one they were begun at");
        clients.ForEach(static client => client.Dispose());
    }

    private static Task LockstepAsync(List<RollbookHttpClient> clients, StartedEpisode[] started, List<ReadOnlyMemory<byte>[]> bodies, long first, int from, int to) =>
        Task.WhenAll(started.Select((episode, worker) => Task.Run(async () =>
        {
            for (var turn = from; turn < to; turn++)
                await clients[worker % Clients].AppendAsync(episode.EpisodeId, first + turn, bodies[worker][turn % StepsATurn], episode.WriterEpoch);
        })));

    /// <summary>Each step of these takes a hop from one silo to another.</summary>
    private static async Task<double> AwayAsync(SiloCluster cluster, StartedEpisode[] started, int size)
    {
        var owners = new List<(int Place, LogId Owner)>();
        for (var worker = 0; worker < started.Length; worker++)
        {
            var header = await cluster.Headers.ReadAsync(new EpisodeKey(EpisodeKey.DefaultProject, EpisodeId.Parse(started[worker].EpisodeId)), CancellationToken.None);
            owners.Add((worker % Clients % size, header!.Owner));
        }

        // A silo is known by the log that most of the episodes begun at it have.
        return owners.GroupBy(static o => o.Place).Sum(static place => place.Count() - place.GroupBy(static o => o.Owner).Max(static log => log.Count())) / (double)owners.Count;
    }

    /// <summary>Each client's episodes together in one request after another, the clients side by side.</summary>
    private static Task RoundAsync(List<RollbookHttpClient> clients, StartedEpisode[] started, List<ReadOnlyMemory<byte>[]> bodies, int from, int to) =>
        Task.WhenAll(clients.Select((client, number) => Task.Run(async () =>
        {
            for (var turn = from; turn < to; turn++)
            {
                var runs = Enumerable.Range(0, Episodes).Where(worker => worker % Clients == number)
                    .Select(worker => new StepRun(started[worker].EpisodeId, (long)turn * StepsATurn, bodies[worker], started[worker].WriterEpoch)).ToList();
                foreach (var outcome in await client.AppendManyAsync(runs))
                    if (outcome.Code is not null) throw new InvalidOperationException($"{outcome.EpisodeId}: {outcome.Code}, {outcome.Detail}");
            }
        })));

    private static ReadOnlyMemory<byte>[] Body(int worker) =>
        [.. Enumerable.Range(0, StepsATurn).Select(ordinal => (ReadOnlyMemory<byte>)StepContent.Json(1, worker, 0, ordinal))];
}
