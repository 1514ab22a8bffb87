using Rollbook.Azure;
using Rollbook.Grains.Tests.Episodes;
using Rollbook.Testing;
using Xunit;
using static Rollbook.Grains.Tests.Episodes.BenchSilo;

namespace Rollbook.Grains.Tests.Azure;

/// <summary>What an episode costs in operations on tables, which are billed, and of which an account takes 20,000 a second.</summary>
public sealed class EpisodeOperationsTests(Azurite azurite)
{
    private const int Episodes = 20;
    private readonly TableOperations _operations = new();

    [Fact]
    public async Task Episode_FromItsStartToItsEnd_CostsFewTableOperations()
    {
        var bench = await BenchAsync();
        var silo = await bench.StartAsync();
        _operations.Clear();
        for (var i = 0; i < Episodes; i++)
        {
            var (owner, _) = await silo.OpenAsync();
            for (var step = 0; step < 50; step += 10) Assert.Equal(RollbookCode.Ok, (await owner.AppendAsync(Batch(step, 10))).Code);
            Assert.Equal(RollbookCode.Ok, (await owner.EndAsync(Completed(50))).Code);
        }

Report("an episode of 50 steps, beside its worker's");
        Assert.True(_operations.Seen.Count <= 4 * Episodes, string.Join('\n', _operations.Seen));
    }

    [Fact]
    public async Task Episode_TakenOverFromADeadSilo_CostsFewTableOperations()
    {
        var bench = await BenchAsync();
        var one = await bench.StartAsync();
        var keys = new List<EpisodeKey>();
        for (var i = 0; i < Episodes; i++)
        {
            var (owner, key) = await one.OpenAsync();
            await owner.AppendAsync(Batch(0, 10));
            keys.Add(key);
        }

        bench.Kill(one);
        var two = await bench.StartAsync();
        await two.Recovery.FenceDeadAsync(two.Log.Id, bench, CancellationToken.None);
        _operations.Clear();
        foreach (var key in keys) Assert.Equal(RollbookCode.Ok, (await two.Activate(key).AppendAsync(Batch(10, 10))).Code);

        Report("an episode taken over from a dead silo");
        // And the dead log's row once, for its pass.
        Assert.True(_operations.Seen.Count <= (4 * Episodes) + 1, string.Join('\n', _operations.Seen));
    }

    private void Report(string what) => Figures.Report(
        "Azure", $"{_operations.Seen.Count / (double)Episodes:0.##} table operations for {what}: {string.Join(", ", _operations.Seen.GroupBy(Kind).Select(kind => $"{kind.Count() / (double)Episodes:0.##} {kind.Key}"))}");

    // The method and the kind of table, without its random name.
    private static string Kind(string operation) => operation.Split(' ')[0] + (operation.Contains("/headers", StringComparison.Ordinal) ? " headers" : " logs");

    private async Task<RecorderBench> BenchAsync()
    {
        var tables = await AzuriteTables.OpenAsync(AzuriteTables.Options(azurite), _operations);
        return new RecorderBench
        {
            Shared = (new AzureLogRegistry(tables.Logs, AzureStores.Service, TimeProvider.System), new AzureHeaderStore(tables.Headers, AzureStores.Service, TimeProvider.System)),
        };
    }
}
