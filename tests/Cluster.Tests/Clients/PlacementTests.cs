using Microsoft.Extensions.DependencyInjection;
using Rollbook.Client;
using Rollbook.Cluster.Tests.Silos;
using Rollbook.Testing;

namespace Rollbook.Cluster.Tests.Clients;

/// <summary>Where the episodes go that are started over the gateways.</summary>
public sealed class PlacementTests
{
    private const int Workers = 24;

    [Fact]
    public async Task Start_OverAGateway_PutsTheEpisodeWhereTheStepsComeIn()
    {
        await using var cluster = await RecorderCluster.StartAsync(3);
        await using var services = new ServiceCollection().AddSingleton(cluster.Client).AddRollbookClient().BuildServiceProvider();
        var client = services.GetRequiredService<RollbookClient>();

        var ids = await Task.WhenAll(Enumerable.Range(0, Workers).Select(i => client.CreateLogger($"worker-{i}").StartEpisodeAsync("t", "v")));

        var taken = await TakenAsync(cluster, ids);
        var owners = ids.Select(id => cluster.Stores.Header(new EpisodeKey(EpisodeKey.DefaultProject, id)).Owner).Distinct().ToList();
        // The same without the grain that knows where the client is: what it is good for.
        var others = await Task.WhenAll(Enumerable.Range(0, Workers).Select(i => StartAsync(cluster.Client, $"other-{i}")));
        Figures.Report("cluster", $"{taken} of {Workers} episodes that were started over the gateways of 3 silos take their steps where they come in; "
            + $"where the worker's logger is asked itself, {await TakenAsync(cluster, others)}");
        Assert.Equal(Workers, taken);
        Assert.Single(owners);
    }

    // A batch is taken only by the silo that is asked: the others would cost a way between silos.
    private static async Task<int> TakenAsync(RecorderCluster cluster, IEnumerable<EpisodeId> ids)
    {
        var batches = ids.Select(static id => new IngestBatch(id, new AppendSteps { From = 0, Steps = TestSteps.Range($"{id}", 0, 1), WriterEpoch = 1 })).ToArray();
        var outcomes = await cluster.Client.GetGrain<IIngestGrain>(0).Append(new IngestSteps(EpisodeKey.DefaultProject, batches));
        return outcomes.Count(static outcome => outcome.Taken);
    }

    private static async Task<EpisodeId> StartAsync(IGrainFactory grains, string worker)
    {
        var request = new StartEpisode { Project = EpisodeKey.DefaultProject, Worker = worker, Task = "t", VariantId = "v", BodyHash = 1 };
        return (await grains.GetGrain<ILoggerGrain>(LoggerKey.Of(EpisodeKey.DefaultProject, worker)).Start(request)).Record!.Key.Id;
    }
}
