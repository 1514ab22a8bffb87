using System.Collections.Concurrent;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;
using Orleans.Configuration;
using Orleans.Runtime.Placement;
using Orleans.Storage;
using Orleans.TestingHost;
using Rollbook.Archive;
using Rollbook.Episodes;
using Rollbook.Hosting;
using Rollbook.StepLog;
using Rollbook.Testing;

namespace Rollbook.Cluster.Tests.Silos;

/// <summary>Some silos in this process, with the real recorder in each, over storage in memory that they share.</summary>
internal sealed class RecorderCluster : IAsyncDisposable
{
    // The slowest machine gets as long as this; nobody waits so long where it works.
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan BetweenTries = TimeSpan.FromMilliseconds(20);

    private readonly InProcessTestCluster cluster;

    private RecorderCluster(InProcessTestCluster cluster, SharedStores stores, MutedSilos muted, ConcurrentDictionary<SiloAddress, Exception> poisoned) =>
        (this.cluster, Stores, Muted, Poisoned) = (cluster, stores, muted, poisoned);

    public SharedStores Stores { get; }

    /// <summary>Silos whose log services don't answer, although they live.</summary>
    public MutedSilos Muted { get; }

    /// <summary>Why silos would have stopped themselves.</summary>
    public ConcurrentDictionary<SiloAddress, Exception> Poisoned { get; }

    /// <summary>A client of the gateways.</summary>
    public IClusterClient Client => cluster.Client;

    public IReadOnlyList<InProcessSiloHandle> Silos => cluster.Silos;

    public static async Task<RecorderCluster> StartAsync(
        int silos, Action<ClusterOptions>? configure = null, Action<ISiloBuilder>? silo = null, CallGate? gate = null)
    {
        var stores = new SharedStores(gate);
        var muted = new MutedSilos();
        var poisoned = new ConcurrentDictionary<SiloAddress, Exception>();
        var builder = new InProcessTestClusterBuilder((short)silos);
        builder.ConfigureSilo((_, built) =>
        {
            var services = built.Services;
            services.AddSingleton<IStepLogStorage>(stores.Storage);
            services.AddSingleton(stores.Indexes);
            services.AddSingleton(stores.Registry);
            services.AddSingleton<IHeaderStore>(stores.Headers);
            services.AddSingleton<IArchiveStore>(stores.Archive);
            services.AddKeyedSingleton<IGrainStorage>("rollbook", stores.Grains);
            services.AddSingleton(static provider => new PoisonHandler(
                reason => provider.GetRequiredService<ConcurrentDictionary<SiloAddress, Exception>>()[provider.GetRequiredService<ILocalSiloDetails>().SiloAddress] = reason));
            services.AddSingleton(poisoned);
            services.Configure<ClusterMembershipOptions>(static membership =>
            {
                membership.ProbeTimeout = TimeSpan.FromSeconds(1);
                membership.NumMissedProbesLimit = 2;
                membership.NumVotesForDeathDeclaration = 1;
            });
            built.AddRecorder().UseRecorderCluster();
            services.Replace(ServiceDescriptor.Singleton<ILogServiceClient>(provider =>
                new MutableServices(ActivatorUtilities.CreateInstance<LogServiceClient>(provider), muted)));
            services.Configure<ClusterOptions>(options =>
            {
                (options.CallSeconds, options.QuerySeconds, options.WatchSeconds) = (1, 0.5, 0.2);
                configure?.Invoke(options);
            });
            silo?.Invoke(built);
            built.ConfigureLogging(static logging => logging.SetMinimumLevel(LogLevel.Warning));
        });
        builder.ConfigureClient(static client => client.Configure<GatewayOptions>(static gateway => gateway.GatewayListRefreshPeriod = TimeSpan.FromSeconds(1)));
        var cluster = builder.Build();
        await cluster.DeployAsync();
        return new RecorderCluster(cluster, stores, muted, poisoned);
    }

    public T Service<T>(int silo)
        where T : notnull => Silos[silo].ServiceProvider.GetRequiredService<T>();

    public RecorderCore Core(int silo) => Service<RecorderCore>(silo);

    public LogId Log(int silo) => Core(silo).Log.Id;

    /// <summary>An episode's grain as it is called from a silo.</summary>
    public IEpisodeGrain Episode(int silo, EpisodeKey key) => Service<IGrainFactory>(silo).GetGrain<IEpisodeGrain>(key.ToString());

    /// <summary>Opens an episode on a silo.</summary>
    public async Task<EpisodeKey> OpenAsync(int silo)
    {
        var key = new EpisodeKey(EpisodeKey.DefaultProject, EpisodeId.New(TimeProvider.System));
        RequestContext.Set(IPlacementDirector.PlacementHintKey, Silos[silo].SiloAddress);
        var reply = await Episode(silo, key).Open(new OpenEpisode
        {
            Record = new EpisodeRecord { Key = key, Worker = "w", Task = "t", VariantId = "v", StartTime = 1, DeadlineSeconds = 600, StartHash = 7 },
        });
        RequestContext.Remove(IPlacementDirector.PlacementHintKey);
        Assert.Equal(RollbookCode.Ok, reply.Code);
        Assert.Equal(Log(silo), Stores.Header(key).Owner);
        return key;
    }

    /// <summary>A second activation of an episode in a silo, as a directory that is not consistent makes them.</summary>
    public EpisodeOwner Activate(int silo, EpisodeKey key) => new(key, Core(silo), static _ => { }, static () => { });

    public Task KillAsync(InProcessSiloHandle silo) => cluster.KillSiloAsync(silo);

    public Task StopAsync(InProcessSiloHandle silo) => cluster.StopSiloAsync(silo);

    /// <summary>Sends the same call until it has a final answer, as every client does.</summary>
    public static async Task<T> FinallyAsync<T>(Func<ValueTask<T>> call, Func<T, RollbookCode> code)
    {
        T? last = default;
        await UntilAsync("a final answer", async () =>
        {
            try
            {
                last = await call();
                return code(last) is not (RollbookCode.Unavailable or RollbookCode.Busy);
            }
            catch (Exception failure) when (failure is TimeoutException or OrleansException)
            {
                return false;
            }
        });
        return last!;
    }

    /// <summary>Waits until something is so.</summary>
    /// <param name="what">What is awaited, for the message.</param>
    /// <param name="isSo">Looks.</param>
    /// <param name="longest">How long at most; null: 60 s.</param>
    public static async Task UntilAsync(string what, Func<Task<bool>> isSo, TimeSpan? longest = null)
    {
        var limit = longest ?? Longest;
        var began = TimeProvider.System.GetTimestamp();
        while (!await isSo())
        {
            Assert.True(TimeProvider.System.GetElapsedTime(began) < limit, $"waited {limit.TotalSeconds} s for {what}");
            await Task.Delay(BetweenTries, TimeProvider.System);
        }
    }

    public async ValueTask DisposeAsync()
    {
        // Twice what a stop may take: a silo that does not end is a fault to be seen, not a run that never ends.
        await cluster.DisposeAsync().AsTask().WaitAsync(2 * Longest, TimeProvider.System);
        Stores.Dispose();
    }
}
