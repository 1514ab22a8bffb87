using System.Globalization;
using Rollbook.Client;
using Rollbook.Testing;

namespace Rollbook.Crash.Tests;

/// <summary>SIGKILL under a load that the C# client records over the gateway: it goes on by itself with the recorder that comes after, in the same episodes.</summary>
public sealed class ClientKillTests
{
    private const int Seed = 1;
    private const int Workers = 64;

    private static int Kills =>
        Environment.GetEnvironmentVariable("ROLLBOOK_CLIENT_KILLS") is { Length: > 0 } kills ? int.Parse(kills, CultureInfo.InvariantCulture) : 5;

    [Fact]
    public async Task Kill_UnderTheClientsLoad_IsNoMatterOfTheWorkers()
    {
        var random = new Random(Seed);
        using var directory = new TempDirectory();
        var ports = SiloPorts.Free();
        var silo = await SiloProcess.StartAsync(directory.Path, ports: ports);
        try
        {
            await using var client = await RollbookClient.ConnectAsync($"127.0.0.1:{ports.Gateway}");
            var load = new GatewayLoad(Seed, Workers, client);
            load.Start();
            for (var kill = 0; kill < Kills; kill++)
            {
                await load.MoreAsync(random.Next(4) == 0 ? random.Next(1, Workers) : random.Next(Workers, 3000));
                await silo.KillAsync();
                await silo.DisposeAsync();
                silo = await SiloProcess.StartAsync(directory.Path, ports: ports);
            }

            await load.MoreAsync(10 * Workers);
            await load.StopAsync();

            var report = new CheckReport();
            for (var worker = 0; worker < Workers; worker++) await CheckAsync(silo, client, worker, load.Episodes[worker], report);
            Figures.Report("T1", string.Create(
                CultureInfo.InvariantCulture,
                $"{Kills} kills under {Workers} episodes of the C# client: {report.Steps} steps acknowledged, {report.Lost.Count} lost, {report.Wrong.Count} wrong, no episode superseded"));
            report.AssertClean();
            Assert.Equal(load.Acknowledged, report.Steps);
        }
        finally
        {
            await silo.DisposeAsync();
        }
    }

    private static async Task CheckAsync(SiloProcess silo, RollbookClient client, int worker, (EpisodeId Id, long Acknowledged) episode, CheckReport report)
    {
        var name = $"episode {episode.Id} of worker {worker}";
        using var http = silo.Client(TimeSpan.FromSeconds(30));
        var ordinal = 0L;
        await foreach (var line in http.ReadStepsAsync($"{episode.Id}"))
        {
            if (Checker.Difference(StepContent.Json(Seed, worker, 0, ordinal), line.Json, ordinal) is { } difference) report.Wrong.Enqueue($"{name}, step {ordinal}: {difference}");
            ordinal++;
        }

        report.Count(episode.Acknowledged, ordinal);
        if (ordinal < episode.Acknowledged) report.Lost.Enqueue($"{name}: {episode.Acknowledged} steps acknowledged, {ordinal} there");
        // Everything was acknowledged before the end.
        if (ordinal > episode.Acknowledged) report.Wrong.Enqueue($"{name}: {episode.Acknowledged} steps recorded, {ordinal} there");
        var record = (await client.ReadEpisodeAsync(episode.Id)).Record;
        if ((record.Status, record.FinalScore, record.StepCount) != (EpisodeStatus.Completed, worker / 100.0, ordinal))
            report.Wrong.Enqueue($"{name}: {record.Status} with {record.FinalScore} and {record.StepCount} steps");
        var known = await client.ReadWorkerAsync(GatewayLoad.NameOf(worker));
        if (known is not { Current: null, History: [var only] } || only.Id != episode.Id)
            report.Wrong.Enqueue($"worker {worker} has other episodes than {episode.Id}: {string.Join(' ', known?.History.Select(entry => $"{entry.Id} {entry.Status}") ?? [])}");
    }
}
