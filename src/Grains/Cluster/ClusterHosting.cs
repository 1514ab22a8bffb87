using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Orleans.Configuration;
using Rollbook.Archive;
using Rollbook.Episodes;
using Rollbook.Hosting;
using Rollbook.StepLog;

namespace Rollbook.Cluster;

/// <summary>Makes the silo one of several over the same storage.</summary>
public static class ClusterHosting
{
    /// <summary>
    /// Many silos over one storage: episodes move between them, each recovers what another left, and the archive's work is shared out. Which storage that is, and where the
    /// membership is kept, is said elsewhere.
    /// </summary>
    public static ISiloBuilder UseRecorderCluster(this ISiloBuilder silo)
    {
        var services = silo.Services;
        services.AddOptions<ClusterOptions>().BindConfiguration(ClusterOptions.Section).ValidateDataAnnotations().ValidateOnStart();
        services.AddSingleton<ILogServiceClient, LogServiceClient>();
        silo.AddGrainService<LogGrainService>();
        services.AddSingleton<ClusterLogPeers>();
        services.Replace(ServiceDescriptor.Singleton<ILogPeers>(static provider => provider.GetRequiredService<ClusterLogPeers>()));
        services.Replace(ServiceDescriptor.Singleton<IArchiveDuties, ClusterArchiveDuties>());
        services.AddSingleton<ClusterRecovery>();
        services.AddSingleton<DeadLogService>();
        services.AddSingleton(static provider => new OwnLogWatch(
            provider.GetRequiredService<WriteAheadLog>().Id,
            provider.GetRequiredService<ILogRegistry>(),
            provider.GetRequiredService<IOptions<ClusterOptions>>().Value,
            provider.GetRequiredService<TimeProvider>(),
            provider.GetRequiredService<ILogger<OwnLogWatch>>()));
        services.AddSingleton<EdgeHint>();
        services.PostConfigure<ArchiveOptions>(static archive => archive.MergePublishes ??= true);
        services.AddOptions<ClusterMembershipOptions>().BindConfiguration($"{ClusterOptions.Section}:Membership");
        services.AddOptions<ResourceOptimizedPlacementOptions>()
            .Configure<IOptions<ClusterOptions>>(static (placement, cluster) => placement.LocalSiloPreferenceMargin = cluster.Value.LocalPreferencePercent);
        return silo;
    }
}
