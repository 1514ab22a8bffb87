using Rollbook.Simulation.Tests.Clients;
using Rollbook.Simulation.Tests.Cluster;
using Rollbook.Simulation.Tests.Engine;
using Rollbook.Simulation.Tests.Mutations;
using Rollbook.Simulation.Tests.Network;

namespace Rollbook.Simulation.Tests;

/// <summary>One seed: three silos, some episodes, a bad network, and the check of every promise in the end.</summary>
internal sealed class Simulation
{
    private readonly World world;
    private readonly SimNetwork network;
    private readonly SimCluster cluster;
    private readonly SimClock clock;
    private readonly List<EpisodeClient> clients = [];

    private Simulation(int seed, Mutation mutation, int stepLimit, bool usesObjects)
    {
        world = new World(seed, stepLimit);
        network = new SimNetwork(world);
        cluster = new SimCluster(world, network, mutation, usesObjects);
        world.Describe = () => string.Join('\n', clients.Select(c => cluster.Describe(c.Key)).Prepend(cluster.Describe()));
        clock = new SimClock(world, world.Lane);
    }

    /// <summary>Runs a seed on a thread of its own: its logs lie in memory, or, of each second seed, as objects in an object store.</summary>
    /// <exception cref="SimulationException">A promise was broken.</exception>
    public static SimulationResult Run(int seed, Mutation mutation, int stepLimit = 400_000, bool? usesObjects = null)
    {
        SimulationResult? result = null;
        Exception? failure = null;
        var thread = new Thread(() =>
        {
            try
            {
                var simulation = new Simulation(seed, mutation, stepLimit, usesObjects ?? seed % 2 == 0);
                simulation.world.Run(simulation.RunAsync);
                result = simulation.Result();
            }
            catch (Exception thrown)
            {
                failure = thrown;
            }
        });
        thread.Start();
        thread.Join();
        if (failure is not null) throw failure;
        return result!;
    }

    private SimulationResult Result() => new(world.Seed, world.Trace, world.Steps, world.Now, clients.Sum(static c => c.History.Acked));

    private async Task RunAsync()
    {
        for (var i = 0; i < 3; i++) cluster.StartSilo();
        var nemesis = new Nemesis(world, network, cluster, clock);
        var strikes = nemesis.RunAsync();
        var writers = new List<Task>();
        for (var episode = world.Random.Next(2, 5); episode > 0; episode--)
        {
            var key = new EpisodeKey(EpisodeKey.DefaultProject, EpisodeId.New(clock, world.Random));
            var mayBeLost = world.Chance(0.25);
            var client = new EpisodeClient(world, network, cluster, clock, key, new EpisodeHistory(world, key, mayBeLost));
            clients.Add(client);
            writers.Add(new SimWriter(world, client, mayBeLost, calls: world.Random.Next(5, 40)).RunAsync());
        }

        await Task.WhenAll(writers);
        nemesis.Stopped = true;
        cluster.Calm();
        network.Rates = FaultRates.None;
        await strikes;
        await VerifyAsync();
        if (world.Chance(0.2)) await VerifyAsync();
    }

    /// <summary>Every process is gone; a fresh one recovers all logs and reads everything.</summary>
    private async Task VerifyAsync()
    {
        foreach (var silo in cluster.Running.ToList())
        {
            cluster.Crash(silo, declareDead: false);
            cluster.DeclareDead(silo.LogId);
        }

        network.Rates = FaultRates.None;
        world.Log("everything is healed; a fresh silo reads");
        var fresh = cluster.StartSilo();
        var until = world.Now + TimeSpan.FromMinutes(5);
        while (fresh.CleanRounds == 0)
        {
            if (world.Now > until) world.Fail("the logs were not recovered within five minutes");
            await Task.Delay(TimeSpan.FromSeconds(1), clock);
        }

        foreach (var client in clients) await VerifyAsync(client);
    }

    private async Task VerifyAsync(EpisodeClient client)
    {
        // An episode of sixty claims takes its time over a slow network.
        client.Patience = 120;
        var until = world.Now + TimeSpan.FromMinutes(30);
        var steps = new List<(string, long)>();
        while (true)
        {
            if (world.Now > until) world.Fail("an episode could not be read within half an hour");
            var view = await client.ViewAsync();
            if (view is { Code: RollbookCode.Ok, Record: { } record })
            {
                while (steps.Count < record.StepCount)
                {
                    var page = await client.ReadAsync(steps.Count, 100, TimeSpan.Zero);
                    if (page is { Code: RollbookCode.Ok } known) steps.AddRange(SimSteps.Decode(known.Steps));
                    else await client.PauseAsync(0.5);
                    if (world.Now > until) world.Fail("an episode could not be read within half an hour");
                }

                client.History.Verify(steps, record);
                client.History.Events.Verify(await ScoresAsync(client, record.ScoreCount, until), record);
                return;
            }

            await client.PauseAsync(0.5);
        }
    }

    private async Task<List<ScoreEvent>> ScoresAsync(EpisodeClient client, int count, TimeSpan until)
    {
        var scores = new List<ScoreEvent>();
        while (scores.Count < count)
        {
            var page = await client.ReadScoresAsync(scores.Count);
            if (page is { Code: RollbookCode.Ok } known) scores.AddRange(known.Scores);
            else await client.PauseAsync(0.5);
            if (world.Now > until) world.Fail("an episode's scores could not be read within half an hour");
        }

        return scores;
    }
}
