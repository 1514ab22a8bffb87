using Microsoft.Extensions.DependencyInjection;
using Orleans.Hosting;
using Orleans.TestingHost;
using Rollbook.Archive;
using Rollbook.Episodes;
using Rollbook.Hosting;
using Rollbook.StepLog;
using Rollbook.Testing;
using Xunit;

namespace Rollbook.Simulation.Tests.Duplicates;

/// <summary>T12: two silos of one cluster, each with an activation of every episode, over one storage.</summary>
public sealed class DuplicateActivationTests : IAsyncLifetime
{
    private const int Episodes = 1000;
    private const int Steps = 20;

    private readonly SharedLogs logs = new();
    private readonly MemoryHeaderStore headers = new();
    private InProcessTestCluster? cluster;

    public async ValueTask InitializeAsync()
    {
        var storage = new MemoryStepLogStorage();
        var indexes = new MemoryLogIndexStore();
        var registry = new MemoryLogRegistry();
        var archive = new MemoryArchiveStore();
        var builder = new InProcessTestClusterBuilder(2);
        builder.ConfigureSilo((_, silo) =>
        {
            silo.Services.AddSingleton<IStepLogStorage>(storage);
            silo.Services.AddSingleton<ILogIndexStore>(indexes);
            silo.Services.AddSingleton<ILogRegistry>(registry);
            silo.Services.AddSingleton<IHeaderStore>(headers);
            silo.Services.AddSingleton<IArchiveStore>(archive);
            silo.Services.AddSingleton(provider => logs.Join(provider.GetRequiredService<LogService>(), provider.GetRequiredService<WriteAheadLog>()));
            silo.AddMemoryGrainStorage("rollbook");
            silo.AddRecorder();
        });
        cluster = builder.Build();
        await cluster.DeployAsync();
    }

    public async ValueTask DisposeAsync() => await cluster!.DisposeAsync();

    [Fact]
    public async Task Append_WhenEveryEpisodeIsActiveOnBothSilos_LosesNothing()
    {
        var tallies = await Task.WhenAll(Enumerable.Range(0, Episodes).Select(RecordAsync));
        var terms = headers.Snapshot().Sum(static h => h.Term);
        Figures.Report("T12", $"{Episodes} episodes x {Steps} steps, 0 lost, {terms} claims, {tallies.Sum()} activations deposed");
        Assert.True(terms > Episodes * 2, $"only {terms} claims: the activations were not duplicated");
    }

    private async Task<int> RecordAsync(int number)
    {
        var random = new Random(number);
        var key = new EpisodeKey(EpisodeKey.DefaultProject, new EpisodeId((UInt128)(number + 1)));
        var refused = 0;
        var twins = cluster!.Silos.Select(silo => new Twin(key, silo.ServiceProvider.GetRequiredService<RecorderCore>())).ToArray();
        await UntilOkAsync(() => Any().CallAsync(async o => (await o.OpenAsync(Opening(key))).Code));
        for (var ordinal = 0; ordinal < Steps; ordinal++)
        {
            var step = new AppendSteps { From = ordinal, Steps = TestSteps.Range($"e{number}", ordinal, 1) };
            // Now and then both activations get the same step at once.
            if (random.Next(4) == 0) _ = Any().CallAsync(async o => (await o.AppendAsync(step)).Code);
            await UntilOkAsync(() => Any().CallAsync(async o => (await o.AppendAsync(step)).Code));
        }

        var end = new EndEpisode { Status = EpisodeStatus.Completed, FinalScore = 1, NextOrdinal = Steps };
        await UntilOkAsync(() => Any().CallAsync(async o => (await o.EndAsync(end)).Code));
        foreach (var twin in twins) await VerifyAsync(twin, number);
        return twins.Sum(static twin => twin.Deposed);

        Twin Any() => twins[random.Next(2)];

        async Task UntilOkAsync(Func<Task<RollbookCode>> call)
        {
            while (await call() is var code && code != RollbookCode.Ok)
            {
                Assert.Equal(RollbookCode.Unavailable, code);
                Assert.True(++refused < 10_000, "an episode found no owner");
            }
        }
    }

    private static async Task VerifyAsync(Twin twin, int number)
    {
        StepPage page;
        var tries = 0;
        do
        {
            Assert.True(++tries < 1000, "an activation goes on without the ending");
            page = await twin.CallAsync(async o => await o.ReadStepsAsync(0, Steps + 1, TimeSpan.Zero));
        }
        while (page.Code == RollbookCode.Unavailable || (page.Code == RollbookCode.Ok && !page.Ended));
        Assert.Equal(RollbookCode.Ok, page.Code);
        Assert.Equal(TestSteps.Lines(TestSteps.Range($"e{number}", 0, Steps)), TestSteps.Lines(page.Steps));
    }

    private static OpenEpisode Opening(EpisodeKey key) => new()
    {
        Record = new EpisodeRecord { Key = key, Worker = "w", Task = "t", VariantId = "v", StartTime = 1, StartHash = 7 },
    };
}
