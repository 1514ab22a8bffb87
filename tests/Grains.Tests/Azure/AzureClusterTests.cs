using System.Net;
using System.Net.Sockets;
using System.Text.RegularExpressions;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Orleans.Configuration;
using Orleans.Runtime;
using Rollbook.Azure;
using Rollbook.Episodes;
using Rollbook.Grains.Tests.Embedded;
using Rollbook.StepLog;
using Rollbook.Testing;
using Xunit;

namespace Rollbook.Grains.Tests.Azure;

/// <summary>Silos and a client that know of each other by the table alone, registered as a host registers them.</summary>
public sealed partial class AzureClusterTests(Azurite azurite)
{
    [Fact]
    public async Task Silos_ThatShareAnAccount_AreOneClusterThatAClientFinds()
    {
        var configuration = Configuration(AzuriteTables.Options(azurite));
        using var one = await SiloAsync(configuration);
        using var two = await SiloAsync(configuration);
        using var client = await ClientAsync(configuration);
        var grains = client.Services.GetRequiredService<IClusterClient>();

        Assert.Equal(2, (await grains.GetGrain<IManagementGrain>(0).GetHosts(onlyActive: true)).Count);
        for (var i = 0; i < 20; i++) await grains.GetGrain<INoteGrain>($"note {i}").WriteAsync($"text {i}");

        await two.StopAsync();
        for (var i = 0; i < 20; i++) Assert.Equal($"text {i}", await grains.GetGrain<INoteGrain>($"note {i}").ReadAsync());
        var hosts = await grains.GetGrain<IManagementGrain>(0).GetHosts();
        Assert.Equal([SiloStatus.Active, SiloStatus.Dead], hosts.Values.Order());
        await client.StopAsync();
        await one.StopAsync();
    }

    [Fact]
    public async Task AddAzureTables_InASilo_GivesStoresWhoseTablesAreThere()
    {
        var options = AzuriteTables.Options(azurite);
        using var silo = await SiloAsync(Configuration(options));

        Assert.IsType<AzureHeaderStore>(silo.Services.GetRequiredService<IHeaderStore>());
        Assert.Null(await silo.Services.GetRequiredService<IHeaderStore>().ReadAsync(new EpisodeKey("default", new EpisodeId(1)), CancellationToken.None));
        Assert.Empty(await silo.Services.GetRequiredService<ILogRegistry>().ListAsync([LogState.Open], CancellationToken.None));
        await silo.StopAsync();
    }

    [Fact]
    public async Task AddAzureTables_WithoutAnAccount_FailsTheStartWithTheCure()
    {
        var refused = await Assert.ThrowsAsync<OptionsValidationException>(() => SiloAsync([]));

        Assert.Contains("Rollbook:Azure names no storage account", refused.Message);
    }

    [Fact]
    public async Task AddAzureTables_WhereTheAccountIsAway_FailsTheStartWithTheCure()
    {
        var options = AzuriteTables.Options(azurite);
        options.ConnectionString = TablePort().Replace(options.ConnectionString!, ":1/");
        options.CreateTables = false;

        var refused = await Assert.ThrowsAnyAsync<Exception>(() => SiloAsync(Configuration(options)));
        Assert.Contains("can't be used", refused.ToString());
    }

    private static Dictionary<string, string?> Configuration(AzureOptions options) => new()
    {
        ["Rollbook:Azure:ConnectionString"] = options.ConnectionString,
        ["Rollbook:Azure:CreateTables"] = options.CreateTables.ToString(),
        ["Rollbook:Azure:MembershipTable"] = options.MembershipTable,
        ["Rollbook:Azure:GrainStateTable"] = options.GrainStateTable,
        ["Rollbook:Azure:HeaderTable"] = options.HeaderTable,
        ["Rollbook:Azure:LogTable"] = options.LogTable,
    };

    private static async Task<IHost> SiloAsync(Dictionary<string, string?> configuration)
    {
        var ports = FreePorts();
        var builder = Builder(configuration);
        builder.UseOrleans(silo =>
        {
            silo.Configure<ClusterOptions>(NameCluster).ConfigureEndpoints(IPAddress.Loopback, ports.Silo, ports.Gateway);
            silo.UseAzureTablesClustering().AddAzureTablesGrainStorageAsDefault();
            silo.Services.AddAzureTables();
        });
        return await StartAsync(builder);
    }

    private static Task<IHost> ClientAsync(Dictionary<string, string?> configuration)
    {
        var builder = Builder(configuration);
        builder.UseOrleansClient(static client => client.Configure<ClusterOptions>(NameCluster).UseAzureTablesClustering());
        return StartAsync(builder);
    }

    private static HostApplicationBuilder Builder(Dictionary<string, string?> configuration)
    {
        var builder = Host.CreateApplicationBuilder();
        builder.Logging.SetMinimumLevel(LogLevel.None);
        foreach (var (key, value) in configuration) builder.Configuration[key] = value;
        return builder;
    }

    private static async Task<IHost> StartAsync(HostApplicationBuilder builder)
    {
        var host = builder.Build();
        try
        {
            await host.StartAsync();
            return host;
        }
        catch
        {
            host.Dispose();
            throw;
        }
    }

    private static void NameCluster(ClusterOptions options) => (options.ClusterId, options.ServiceId) = ("cluster", "service");

    private static (int Silo, int Gateway) FreePorts()
    {
        using var one = new TcpListener(IPAddress.Loopback, 0);
        using var two = new TcpListener(IPAddress.Loopback, 0);
        one.Start();
        two.Start();
        return (((IPEndPoint)one.LocalEndpoint).Port, ((IPEndPoint)two.LocalEndpoint).Port);
    }

    [GeneratedRegex(@"(?<=TableEndpoint=http://127\.0\.0\.1):\d+/")]
    private static partial Regex TablePort();
}
