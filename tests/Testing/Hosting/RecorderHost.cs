using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Orleans.Hosting;
using Rollbook.Hosting;

namespace Rollbook.Testing;

/// <summary>A silo with the recorder over a data directory, in this process, on free ports.</summary>
public sealed class RecorderHost : IAsyncDisposable
{
    private readonly IHost host;

    private RecorderHost(IHost host, int gatewayPort)
    {
        this.host = host;
        GatewayPort = gatewayPort;
    }

    /// <summary>The port of its Orleans gateway, on loopback.</summary>
    public int GatewayPort { get; }

    /// <summary>The silo's services.</summary>
    public IServiceProvider Services => host.Services;

    /// <summary>Finds grains.</summary>
    public IGrainFactory Grains => Services.GetRequiredService<IGrainFactory>();

    /// <summary>Starts a silo over a directory.</summary>
    /// <param name="directory">The data directory.</param>
    /// <param name="configure">Registers more, before the recorder's defaults.</param>
    /// <param name="gatewayPort">The gateway's port, so that clients of a silo before find this one; null = a free one.</param>
    public static async Task<RecorderHost> StartAsync(string directory, Action<ISiloBuilder>? configure = null, int? gatewayPort = null)
    {
        var (siloPort, freePort) = FreePorts();
        var gateway = gatewayPort ?? freePort;
        var builder = Host.CreateApplicationBuilder();
        builder.Logging.SetMinimumLevel(LogLevel.Warning);
        builder.Configuration["Rollbook:LocalStepLog:AllowUnsafeFileSystem"] = "true";
        builder.UseOrleans(silo =>
        {
            silo.UseLocalhostClustering(siloPort, gateway);
            configure?.Invoke(silo);
            silo.AddRecorder().UseEmbeddedStorage(directory);
        });
        var host = builder.Build();
        await host.StartAsync();
        return new RecorderHost(host, gateway);
    }

    /// <summary>An episode's grain of the default project.</summary>
    public IEpisodeGrain Episode(EpisodeId id) => Grains.GetGrain<IEpisodeGrain>(new EpisodeKey(EpisodeKey.DefaultProject, id).ToString());

    /// <summary>A worker's grain of the default project.</summary>
    public ILoggerGrain Worker(string worker) => Grains.GetGrain<ILoggerGrain>(LoggerKey.Of(EpisodeKey.DefaultProject, worker));

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await host.StopAsync();
        host.Dispose();
    }

    private static (int Silo, int Gateway) FreePorts()
    {
        using var one = new TcpListener(IPAddress.Loopback, 0);
        using var two = new TcpListener(IPAddress.Loopback, 0);
        one.Start();
        two.Start();
        return (((IPEndPoint)one.LocalEndpoint).Port, ((IPEndPoint)two.LocalEndpoint).Port);
    }
}
