using System.Globalization;
using System.Text.Json;

namespace Rollbook.Kill.Tests;

/// <summary>The Python client with the addresses of all silos: a kill is no matter of its caller's.</summary>
public sealed class PythonKillTests(Azurite azurite)
{
    private const int Seed = 4;
    private const int Processes = 3;

    [Fact]
    public async Task Kill_UnderThePythonClientsLoad_IsNoMatterOfTheWorkers()
    {
        var cluster = new SiloCluster(azurite, 3, Tier.Settings);
        await Trial.RunAsync(cluster, trial => KillAsync(cluster, trial));
    }

    private static async Task KillAsync(SiloCluster cluster, Trial trial)
    {
        var random = new Random(Seed);
        using var directory = new TempDirectory();
        await using var supervisor = new Supervisor(cluster);
        supervisor.Start();
        var loads = Enumerable.Range(0, Processes).Select(i => new PythonLoad(cluster.Urls, FormattableString.Invariant($"python-{i}"), directory.Path)).ToList();
        try
        {
            var kills = Tier.Number("ROLLBOOK_PYTHON_KILLS", 3);
            for (var kill = 0; kill < kills; kill++)
            {
                trial.Now($"steps before kill {kill}");
                await Task.WhenAll(loads.Select(load => load.MoreAsync(random.Next(30, 100))));
                trial.Now("all silos come up");
                await supervisor.HoldAsync();
                var place = random.Next(cluster.Count);
                trial.Now($"kill of the silo at place {place}, and steps without it");
                await supervisor.KillAsync(place);
                // Everybody gets on before it is back.
                await Task.WhenAll(loads.Select(static load => load.MoreAsync(5)));
                supervisor.GoOn();
            }

            trial.Now("steps after the last kill");
            await Task.WhenAll(loads.Select(static load => load.MoreAsync(30)));
            await supervisor.HoldAsync();
            trial.Now("the workers' ends, and the comparison");
            var steps = 0L;
            foreach (var load in loads) steps += await CompareAsync(cluster, await load.StopAsync());
            Figures.Report("Python", string.Create(
                CultureInfo.InvariantCulture, $"{kills} kills of one of {cluster.Count} silos under {Processes} processes of the Python client: {steps} steps acknowledged, each there once, no exception raised"));
        }
        finally
        {
            foreach (var load in loads) await load.DisposeAsync();
        }
    }

    private static async Task<long> CompareAsync(SiloCluster cluster, IReadOnlyDictionary<string, List<long>> acknowledged)
    {
        using var reader = cluster[0].Client(TimeSpan.FromSeconds(60));
        var steps = 0L;
        foreach (var (episode, ordinals) in acknowledged)
        {
            var next = 0L;
            await foreach (var line in reader.ReadStepsAsync(episode))
            {
                using var step = JsonDocument.Parse(line.Json);
                Assert.Equal((next, next), (line.Ordinal, step.RootElement.GetProperty("step_number").GetInt64()));
                next++;
            }

            Assert.Equal(Enumerable.Range(0, ordinals.Count).Select(static ordinal => (long)ordinal), ordinals);
            Assert.True(ordinals.Count <= next, $"{episode}: {ordinals.Count} steps acknowledged, {next} there");
            steps += ordinals.Count;
        }

        Assert.True(steps > 0, "No step was acknowledged: nothing was tested.");
        return steps;
    }
}
