using Rollbook.Client;
using Rollbook.StepLog;
using Rollbook.Testing;

namespace Rollbook.Benchmarks;

/// <summary>The same load for each silo of a cluster, however many there are: episodes, and clients that send their steps to the silo where they were begun.</summary>
internal sealed class ClusterLoad : IDisposable
{
    private const int ClientsASilo = 4;
    private const int DistinctSteps = 8;
    private readonly SiloCluster cluster;
    private readonly int episodesASilo;
    private readonly int stepsATurn;
    private readonly List<RollbookHttpClient> clients;
    private readonly ReadOnlyMemory<byte>[][] bodies;
    private StartedEpisode[] started = [];
    private int turn;

    private ClusterLoad(SiloCluster cluster, int episodesASilo, int stepsATurn)
    {
        (this.cluster, this.episodesASilo, this.stepsATurn) = (cluster, episodesASilo, stepsATurn);
        clients = [.. Enumerable.Range(0, ClientsASilo * cluster.Count).Select(client => cluster[client % cluster.Count].Client(TimeSpan.FromMinutes(2)))];
        // Beforehand: making them would take processor time from the silos.
        bodies = [.. Enumerable.Range(0, 64).Select(static worker => Enumerable.Range(0, DistinctSteps).Select(ordinal => (ReadOnlyMemory<byte>)StepContent.Json(1, worker, 0, ordinal)).ToArray())];
    }

    /// <summary>Steps a silo before a count. Methods are compiled anew for a while after they became hot, in each process by itself. In lockstep the cost still falls a little after so many; more would take minutes at four silos.</summary>
    public int WarmSteps => stepsATurn == 1 ? 200_000 : 500_000;

    /// <summary>For people.</summary>
    public string Told => stepsATurn == 1
        ? $"in lockstep, {episodesASilo} episodes a silo, each step a request"
        : $"batched, {ClientsASilo} clients a silo, a request with {stepsATurn} steps of each of {episodesASilo / ClientsASilo} episodes";

    /// <summary>Many episodes' steps in a request.</summary>
    public static Task<ClusterLoad> Batched(SiloCluster cluster) => BeginAsync(cluster, 256, DistinctSteps);

    /// <summary>Each step a request of its own, after the answer to the one before.</summary>
    public static Task<ClusterLoad> Lockstep(SiloCluster cluster) => BeginAsync(cluster, 1_000, 1);

    /// <summary>Sends about so many steps to each silo.</summary>
    /// <returns>How many all silos took.</returns>
    public async Task<int> RunAsync(int stepsASilo)
    {
        var (from, to) = (turn, turn + Math.Max(1, stepsASilo / episodesASilo / stepsATurn));
        turn = to;
        if (stepsATurn == 1) await Task.WhenAll(started.Select((_, worker) => Task.Run(() => StepAsync(worker, from, to))));
        else await Task.WhenAll(clients.Select((_, client) => Task.Run(() => BatchAsync(client, from, to))));
        return (to - from) * stepsATurn * started.Length;
    }

    /// <summary>The share of the episodes that are another silo's than the one that their steps are sent to.</summary>
    public async Task<double> AwayAsync()
    {
        var logs = await Task.WhenAll(Enumerable.Range(0, cluster.Count).Select(cluster.LogOfAsync));
        var away = 0;
        for (var worker = 0; worker < started.Length; worker++)
        {
            var header = await cluster.Headers.ReadAsync(new EpisodeKey(EpisodeKey.DefaultProject, EpisodeId.Parse(started[worker].EpisodeId)), CancellationToken.None);
            if (header!.Owner != logs[worker % clients.Count % cluster.Count]) away++;
        }

        return away / (double)started.Length;
    }

    /// <inheritdoc/>
    public void Dispose() => clients.ForEach(static client => client.Dispose());

    private static async Task<ClusterLoad> BeginAsync(SiloCluster cluster, int episodesASilo, int stepsATurn)
    {
        var load = new ClusterLoad(cluster, episodesASilo, stepsATurn);
        load.started = await Task.WhenAll(Enumerable.Range(0, episodesASilo * cluster.Count).Select(worker => load.clients[worker % load.clients.Count].StartAsync(
            FormattableString.Invariant($"bench.{worker}"), new EpisodeStart { Task = "bench", VariantId = "cluster" })));
        return load;
    }

    private async Task StepAsync(int worker, int from, int to)
    {
        for (var step = from; step < to; step++)
            await clients[worker % clients.Count].AppendAsync(started[worker].EpisodeId, step, bodies[worker % bodies.Length][step % DistinctSteps], started[worker].WriterEpoch);
    }

    private async Task BatchAsync(int client, int from, int to)
    {
        for (var step = from; step < to; step++)
        {
            var runs = Enumerable.Range(0, started.Length).Where(worker => worker % clients.Count == client)
                .Select(worker => new StepRun(started[worker].EpisodeId, (long)step * stepsATurn, bodies[worker % bodies.Length], started[worker].WriterEpoch)).ToList();
            foreach (var outcome in await clients[client].AppendManyAsync(runs))
                if (outcome.Code is not null) throw new InvalidOperationException($"{outcome.EpisodeId}: {outcome.Code}, {outcome.Detail}");
        }
    }
}
