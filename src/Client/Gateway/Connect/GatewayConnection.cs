using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Orleans.Configuration;
using Orleans.Hosting;
using Orleans.Serialization;

namespace Rollbook.Client;

/// <summary>An Orleans client of our own: no host, no configuration files.</summary>
internal sealed class GatewayConnection : IAsyncDisposable
{
    // Orleans' minute is meant for lists that cost a query. Here it is how long a gateway that came back may stay unnoticed.
    private static readonly TimeSpan RefreshGateways = TimeSpan.FromSeconds(1);

    private readonly ServiceProvider services;
    private readonly IReadOnlyList<IHostedService> hosted;

    private GatewayConnection(ServiceProvider services)
    {
        this.services = services;
        hosted = [.. services.GetServices<IHostedService>()];
        Client = services.GetRequiredService<IClusterClient>();
    }

    /// <summary>The client.</summary>
    public IClusterClient Client { get; }

    /// <summary>Connects; tries until there is a gateway or the time is over.</summary>
    public static async Task<GatewayConnection> OpenAsync(
        RollbookClientOptions options, ILoggerFactory? loggers, TimeProvider time, CancellationToken cancellationToken)
    {
        var gateways = await ResolveAsync(options.Gateways, cancellationToken).ConfigureAwait(false);
        var pauses = new Pauses(options.FirstDelay, options.MaxDelay, options.JitterSeed);
        var start = time.GetTimestamp();
        var failures = 0;
        var losses = new GatewayLosses();
        var services = new ServiceCollection();
        services.AddLogging();
        services.AddSingleton(loggers ?? NullLoggerFactory.Instance);
        services.AddOrleansClient(client =>
        {
            client.UseStaticClustering(gateways);
            client.Configure<ClusterOptions>(cluster => (cluster.ClusterId, cluster.ServiceId) = (options.ClusterId, options.ServiceId));
            client.Configure<ClientMessagingOptions>(messaging => messaging.ResponseTimeout = options.CallTimeout);
            client.Configure<GatewayOptions>(gateway => gateway.GatewayListRefreshPeriod = RefreshGateways);
            client.UseConnectionRetryFilter(RetryAsync);
            client.AddClusterConnectionStatusObserver(losses);
            client.AddOutgoingGrainCallFilter(losses);
            client.AddOutgoingGrainCallFilter(new CredentialFilter(Options.Create(options), time));
            client.Services.AddSerializer(serializer => serializer.AddAssembly(typeof(IEpisodeGrain).Assembly));
        });
        var connection = new GatewayConnection(services.BuildServiceProvider());
        try
        {
            foreach (var service in connection.hosted) await service.StartAsync(cancellationToken).ConfigureAwait(false);
            return connection;
        }
        catch (Exception failure)
        {
            await connection.DisposeAsync().ConfigureAwait(false);
            cancellationToken.ThrowIfCancellationRequested();
            throw new UnavailableException(
                $"No recorder answers at {options.Gateways}: {failure.Message.TrimEnd('.')}. Start it with --gateway-port PORT and give that port"
                + $" in Rollbook:Client:Gateways (or to ConnectAsync). Where it listens there, its Orleans cluster id is another than '{options.ClusterId}'.",
                time.GetElapsedTime(start),
                failure);
        }

        async Task<bool> RetryAsync(Exception failure, CancellationToken stop)
        {
            var left = options.GiveUpAfter - time.GetElapsedTime(start);
            if (left <= TimeSpan.Zero) return false;
            var pause = pauses.After(++failures);
            await Task.Delay(pause < left ? pause : left, time, stop).ConfigureAwait(false);
            return true;
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        foreach (var service in hosted)
        {
            try
            {
                await service.StopAsync(CancellationToken.None).ConfigureAwait(false);
            }
            catch (Exception)
            {
                // It never started, or its gateways are gone: there is nothing to say goodbye to.
            }
        }

        await services.DisposeAsync().ConfigureAwait(false);
    }

    private static async Task<IPEndPoint[]> ResolveAsync(string gateways, CancellationToken cancellationToken)
    {
        var found = new List<IPEndPoint>();
        foreach (var gateway in gateways.Split([',', ';'], StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            var colon = gateway.LastIndexOf(':');
            if (colon <= 0 || !ushort.TryParse(gateway.AsSpan(colon + 1), out var port) || port == 0)
                throw new ArgumentException($"'{gateway}' is not a gateway: give host:port, such as 127.0.0.1:30000.", nameof(gateways));
            var host = gateway[..colon].Trim('[', ']');
            try
            {
                var addresses = IPAddress.TryParse(host, out var address) ? [address] : await Dns.GetHostAddressesAsync(host, cancellationToken).ConfigureAwait(false);
                found.AddRange(addresses.Select(each => new IPEndPoint(each, port)));
            }
            catch (SocketException error)
            {
                throw new ArgumentException($"The gateway's host '{host}' is not known: {error.Message}. Check Rollbook:Client:Gateways.", nameof(gateways), error);
            }
        }

        return [.. found];
    }
}
