using Microsoft.Extensions.DependencyInjection;
using Rollbook.Client;
using Rollbook.Cluster.Tests.Silos;
using Rollbook.Testing;

namespace Rollbook.Cluster.Tests.Clients;

public sealed class GatewayClientTests
{
    private const int Workers = 12;
    private const int Steps = 150;

    [Fact]
    public async Task Record_ThroughAKillAndAStop_TakesEachStepOnce()
    {
        await using var cluster = await RecorderCluster.StartAsync(4);
        await using var services = new ServiceCollection()
            .AddSingleton(cluster.Client)
            .AddRollbookClient(static options => (options.FirstDelay, options.MaxDelay) = (TimeSpan.FromMilliseconds(20), TimeSpan.FromMilliseconds(200)))
            .BuildServiceProvider();
        var client = services.GetRequiredService<RollbookClient>();
        var reached = new CountedSteps();
        var recording = Enumerable.Range(0, Workers).Select(i => RecordAsync(client, $"worker-{i}", reached)).ToList();

        await reached.WhenAsync(Workers * 30);
        await cluster.KillAsync(cluster.Silos[1]);
        await reached.WhenAsync(Workers * 90);
        await cluster.StopAsync(cluster.Silos[1]);
        var episodes = await Task.WhenAll(recording);

        foreach (var (worker, id) in episodes)
        {
            var key = new EpisodeKey(EpisodeKey.DefaultProject, id);
            var view = await RecorderCluster.FinallyAsync(() => cluster.Episode(0, key).Read(), static v => v.Code);
            Assert.Equal((EpisodeStatus.Completed, (long)Steps), (view.Record!.Status, view.Record.StepCount));
            var read = new List<string>();
            while (read.Count < Steps)
            {
                var from = read.Count;
                var page = await RecorderCluster.FinallyAsync(() => cluster.Episode(0, key).ReadSteps(from, Steps, TimeSpan.Zero), static p => p.Code);
                Assert.Equal(RollbookCode.Ok, page.Code);
                read.AddRange(TestSteps.Lines(page.Steps));
            }

            for (var i = 0; i < Steps; i++) Assert.Contains($"\"{worker}-{i}\"", read[i], StringComparison.Ordinal);
        }

        Figures.Report("cluster", $"{Workers} C# clients through the kill of one silo of four and the stop of another: {Workers * Steps} steps, each once");
    }

    private static async Task<(string Worker, EpisodeId Id)> RecordAsync(RollbookClient client, string worker, CountedSteps reached)
    {
        await using var log = client.CreateLogger(worker);
        var id = await log.StartEpisodeAsync("t", "v");
        for (var i = 0; i < Steps; i++)
        {
            Assert.Equal(i, await log.RecordStepAsync(new Step { ActionType = "act", ActionQuery = $"{worker}-{i}" }));
            reached.Add();
        }

        await log.EndEpisodeAsync(1);
        return (worker, id);
    }
}
