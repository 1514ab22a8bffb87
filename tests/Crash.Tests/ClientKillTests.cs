using System.Globalization;
using Rollbook.Client;

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
            // No call's time-out comes within the test: each that a kill leaves without an answer must be sent again because the connection is lost.
            await using var client = await RollbookClient.ConnectAsync(
                new RollbookClientOptions { Gateways = $"127.0.0.1:{ports.Gateway}", CallTimeout = TimeSpan.FromHours(1) });
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

            using var http = silo.Client(TimeSpan.FromSeconds(30));
            var report = await GatewayChecker.CheckAsync(http, client, Seed, load);
            Figures.Report("T1", string.Create(
                CultureInfo.InvariantCulture,
                $"{Kills} kills under {Workers} episodes of the C# client: {report.Steps} steps acknowledged, {report.Lost.Count} lost, {report.Wrong.Count} wrong, no episode superseded, and no call waited for its time-out of an hour"));
            report.AssertClean();
            Assert.Equal(load.Acknowledged, report.Steps);
        }
        finally
        {
            await silo.DisposeAsync();
        }
    }
}
