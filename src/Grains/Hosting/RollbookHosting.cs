using System.Security.Cryptography;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Orleans.Configuration;
using Orleans.Storage;
using Rollbook.Archive;
using Rollbook.Cluster;
using Rollbook.Embedded;
using Rollbook.Episodes;
using Rollbook.Loggers;
using Rollbook.Query;
using Rollbook.Recovery;
using Rollbook.StepLog;

namespace Rollbook.Hosting;

/// <summary>Registers the recorder in a silo.</summary>
public static class RollbookHosting
{
    private static readonly TimeSpan EndedEpisodesStay = TimeSpan.FromMinutes(2);

    /// <summary>
    /// The recorder itself: log, claims, recovery, grains. Where it stores is said by <see cref="UseEmbeddedStorage"/>, or by registering the seams
    /// (<see cref="IStepLogStorage"/>, <see cref="ILogIndexStore"/>, <see cref="ILogRegistry"/>, <see cref="IHeaderStore"/>, <see cref="ILogPeers"/>, <see cref="IArchiveStore"/>) and a grain
    /// storage named <c>rollbook</c>.
    /// </summary>
    public static ISiloBuilder AddRecorder(this ISiloBuilder silo)
    {
        var services = silo.Services;
        services.AddOptions<StepLogOptions>().BindConfiguration("Rollbook:StepLog").ValidateDataAnnotations().ValidateOnStart();
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton<StepLogMeter>();
        services.TryAddSingleton<ActiveEpisodes>();
        services.TryAddSingleton(CreateLog);
        services.TryAddSingleton<LogService>();
        services.TryAddSingleton<LogFence>();
        services.TryAddSingleton<LogRegistration>();
        services.TryAddSingleton<EpisodeNudges>();
        services.TryAddSingleton(CreateRecovery);
        services.TryAddSingleton(CreateManifests);
        services.TryAddSingleton<BlobStore>();
        services.TryAddSingleton(static provider => new BlobCheck(provider.GetService<BlobStore>()));
        services.TryAddSingleton<PackedLogs>();
        services.TryAddSingleton<FrameSource>();
        services.TryAddSingleton(CreateCore);
        services.TryAddSingleton(static provider => new PoisonHandler(_ => provider.GetRequiredService<IHostApplicationLifetime>().StopApplication()));
        services.TryAddSingleton<RecorderService>();
        services.AddSingleton<ILifecycleParticipant<ISiloLifecycle>>(static provider => provider.GetRequiredService<RecorderService>());
        AddArchive(services);
        services.Configure<GrainCollectionOptions>(
            static options => options.ClassSpecificCollectionAge[typeof(EpisodeGrain).FullName!] = EndedEpisodesStay);
        return silo;
    }

    /// <summary>Everything in one directory of this machine, which one process holds at a time.</summary>
    /// <param name="silo">The silo.</param>
    /// <param name="directory">The data directory; made where it is missing.</param>
    public static ISiloBuilder UseEmbeddedStorage(this ISiloBuilder silo, string directory)
    {
        var services = silo.Services;
        services.AddLocalDiskStepLog(directory);
        services.AddSqliteDatabase(provider =>
        {
            // The lock first: a second process must not touch the database.
            provider.GetRequiredService<IStepLogStorage>();
            return new SqliteDatabaseOptions { Directory = directory };
        });
        services.TryAddSingleton<ILogPeers, EmbeddedLogPeers>();
        services.TryAddSingleton<IArchiveStore>(provider =>
        {
            provider.GetRequiredService<IStepLogStorage>();
            return new LocalArchiveStore(Path.Combine(directory, "archive"));
        });
        return silo.AddSqliteGrainStorage(
            LoggerGrain.StorageName,
            static options => options.Configure<Orleans.Serialization.Serializer>(
                static (o, serializer) => o.GrainStorageSerializer = new OrleansGrainStorageSerializer(serializer)));
    }

    private static void AddArchive(IServiceCollection services)
    {
        // A key that is not known is refused: a retention rule whose condition was misspelt would delete more than was meant.
        services.AddOptions<ArchiveOptions>().BindConfiguration("Rollbook:Archive", static binder => binder.ErrorOnUnknownConfiguration = true)
            .ValidateDataAnnotations().ValidateOnStart();
        services.TryAddSingleton<ArchiveMeter>();
        services.TryAddSingleton<ArchiveThreads>();
        services.TryAddSingleton<IArchiveDuties, SoleArchiveDuties>();
        services.TryAddSingleton<IDoomedEpisodes, DoomedEpisodes>();
        services.TryAddSingleton<EpisodeQueries>();
        services.TryAddSingleton(static provider => new Retention(
            provider.GetRequiredService<Deletions>(),
            provider.GetRequiredService<EpisodeQueries>,
            provider.GetRequiredService<IOptions<ArchiveOptions>>().Value,
            provider.GetRequiredService<TimeProvider>(),
            provider.GetRequiredService<ILogger<Retention>>()));
        services.TryAddSingleton(static provider => provider.GetRequiredService<RecorderCore>().NewDeletions(
            provider.GetRequiredService<IArchiveStore>(),
            provider.GetRequiredService<ManifestStore>(),
            provider.GetRequiredService<IDoomedEpisodes>(),
            () => LogId.New(provider.GetRequiredService<TimeProvider>()),
            provider.GetRequiredService<ILogger<Deletions>>()));
        services.TryAddSingleton(static provider => provider.GetRequiredService<RecorderCore>().NewEraser(
            provider.GetRequiredService<IArchiveStore>(),
            provider.GetRequiredService<ManifestStore>(),
            provider.GetRequiredService<ILogRegistry>(),
            provider.GetRequiredService<IOptions<ArchiveOptions>>().Value,
            () => LogId.New(provider.GetRequiredService<TimeProvider>()),
            provider.GetRequiredService<ILogger<Eraser>>()));
        services.TryAddSingleton(static provider => provider.GetRequiredService<RecorderCore>().NewArchiver(
            provider.GetRequiredService<IArchiveStore>(),
            provider.GetRequiredService<ManifestStore>(),
            provider.GetRequiredService<IOptions<ArchiveOptions>>().Value));
        services.TryAddSingleton(static provider =>
        {
            var meter = provider.GetRequiredService<ArchiveMeter>();
            var threads = provider.GetRequiredService<ArchiveThreads>();
            var rounds = new ArchiveRounds(
                provider.GetRequiredService<Archiver>(),
                provider.GetRequiredService<RecorderCore>().NewCompactor(
                    provider.GetRequiredService<IArchiveStore>(),
                    provider.GetRequiredService<ManifestStore>(),
                    provider.GetRequiredService<ILogIndexStore>(),
                    provider.GetRequiredService<ILogRegistry>(),
                    provider.GetRequiredService<IOptions<ArchiveOptions>>().Value,
                    () => LogId.New(provider.GetRequiredService<TimeProvider>()),
                    provider.GetRequiredService<ILogger<Compactor>>()),
                new Janitor(
                    provider.GetRequiredService<IArchiveStore>(),
                    provider.GetRequiredService<ManifestStore>(),
                    provider.GetRequiredService<ILogIndexStore>(),
                    provider.GetRequiredService<IHeaderStore>(),
                    provider.GetRequiredService<TimeProvider>()),
                provider.GetRequiredService<ManifestStore>(),
                provider.GetRequiredService<RecorderCore>(),
                provider.GetRequiredService<ILogRegistry>(),
                provider.GetRequiredService<IOptions<ArchiveOptions>>().Value,
                meter,
                provider.GetRequiredService<ILogger<ArchiveRounds>>(),
                provider.GetRequiredService<Deletions>(),
                provider.GetRequiredService<Eraser>()) { Background = threads.Packing, DeadBackground = threads.PackingDead };
            meter.Observe(() => rounds.BacklogBytes, () => rounds.BacklogSeconds);
            meter.ObserveDamage(() => rounds.DamagedLogs);
            return rounds;
        });
        services.TryAddSingleton<IQuerySources>(static provider => new ArchivedSources(
            provider.GetRequiredService<RecorderCore>(),
            provider.GetRequiredService<ManifestStore>(),
            provider.GetRequiredService<IArchiveStore>(),
            provider.GetRequiredService<ArchiveRounds>(),
            provider.GetRequiredService<ILogRegistry>(),
            provider.GetRequiredService<ILogPeers>()));
        services.AddSingleton<ILifecycleParticipant<ISiloLifecycle>, ArchiveService>();
    }

    private static ManifestStore CreateManifests(IServiceProvider provider)
    {
        var store = provider.GetRequiredService<IArchiveStore>();
        if (!provider.GetRequiredService<IOptions<ArchiveOptions>>().Value.MergePublishes is not true) return new ManifestStore(store);
        return new ManifestStore(store, (project, pack) => provider.GetRequiredService<IGrainFactory>().GetGrain<IManifestGrain>(project).Publish(ManifestCodec.WritePack(pack)).AsTask());
    }

    private static WriteAheadLog CreateLog(IServiceProvider provider)
    {
        var time = provider.GetRequiredService<TimeProvider>();
        var meter = provider.GetRequiredService<StepLogMeter>();
        var log = new WriteAheadLog(
            LogId.New(time),
            provider.GetRequiredService<IStepLogStorage>(),
            provider.GetRequiredService<ILogIndexStore>(),
            provider.GetRequiredService<IOptions<StepLogOptions>>().Value,
            time,
            meter);
        meter.Observe(() => log.BytesInFlight, () => log.OpenEpisodes);
        meter.ObservePoison(() => log.Poisoned.IsCompleted ? 1 : 0);
        return log;
    }

    private static RecorderCore CreateCore(IServiceProvider provider)
    {
        var recovery = provider.GetRequiredService<LogRecovery>();
        provider.GetRequiredService<StepLogMeter>().ObserveRecovery(() => recovery.UnrecoveredLogs, () => recovery.UnrecoveredEpisodes);
        return new RecorderCore(
            provider.GetRequiredService<WriteAheadLog>(),
            provider.GetRequiredService<IHeaderStore>(),
            provider.GetRequiredService<ILogRegistry>(),
            provider.GetRequiredService<ILogPeers>(),
            recovery,
            provider.GetRequiredService<FrameSource>(),
            provider.GetRequiredService<TimeProvider>(),
            static () => RandomNumberGenerator.GetHexString(32),
            provider.GetRequiredService<LogRegistration>().Done,
            provider.GetService<OwnLogWatch>() is { } watch ? () => watch.MayAnswer : null);
    }

    private static LogRecovery CreateRecovery(IServiceProvider provider)
    {
        var cluster = provider.GetService<ClusterRecovery>();
        return new LogRecovery(
            provider.GetRequiredService<ILogRegistry>(),
            provider.GetRequiredService<IStepLogStorage>(),
            provider.GetRequiredService<ILogIndexStore>(),
            provider.GetRequiredService<IHeaderStore>(),
            provider.GetRequiredService<FrameSource>(),
            provider.GetRequiredService<TimeProvider>(),
            provider.GetRequiredService<ILogger<LogRecovery>>(),
            cluster is null ? null : provider.GetRequiredService<WriteAheadLog>().Id)
        {
            // On one machine the headers are written by the process itself.
            LateWindow = cluster is null ? TimeSpan.Zero : LateWrites.Window,
            Ask = cluster is null ? null : cluster.PassAsync,
        };
    }
}
