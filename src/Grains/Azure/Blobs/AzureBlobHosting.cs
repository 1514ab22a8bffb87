using System.Security.Cryptography;
using Azure.Core.Pipeline;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;
using Rollbook.Archive;
using Rollbook.StepLog;

namespace Rollbook.Azure;

/// <summary>Registers what is kept in block blobs of a storage account, which <see cref="AzureOptions"/> name.</summary>
internal static class AzureBlobHosting
{
    // A blob costs per write, and an episode's wait for its acknowledgement is some 20 ms anyway.
    private const int CommitMilliseconds = 50;

    // A silo that commits twenty small chunks a second for an hour would fill one segment with 72,000 of them, and its death would hold up its episodes for minutes. Each segment
    // begins with a run of all open episodes, 60 MB of a hundred thousand: not more often than each hundred seconds.
    private const int SegmentChunks = 2048;

    /// <summary>Keeps the step log in the account, a blob a chunk.</summary>
    public static IServiceCollection AddAzureBlobStepLog(this IServiceCollection services)
    {
        services.AddAzureBlobs();
        services.AddOptions<ObjectStepLogOptions>().BindConfiguration("Rollbook:ObjectStepLog").ValidateDataAnnotations().ValidateOnStart();
        services.PostConfigure<StepLogOptions>(static log => (log.CommitMilliseconds, log.SegmentChunks) = (log.CommitMilliseconds ?? CommitMilliseconds, log.SegmentChunks ?? SegmentChunks));
        services.TryAddSingleton<IObjectContainer>(static provider => new AzureBlobContainer(provider.GetRequiredService<AzureBlobs>().Log));
        services.TryAddSingleton<IStepLogStorage>(static provider => new ObjectStepLogStorage(
            provider.GetRequiredService<IObjectContainer>(), provider.GetRequiredService<IOptions<ObjectStepLogOptions>>().Value,
            provider.GetRequiredService<TimeProvider>(), NewSeed()));
        services.TryAddSingleton<ILogIndexStore>(static provider => new ObjectLogIndexStore(
            provider.GetRequiredService<IObjectContainer>(), provider.GetRequiredService<IOptions<ObjectStepLogOptions>>().Value,
            provider.GetRequiredService<TimeProvider>(), NewSeed()));
        return services.AddSingleton<ILifecycleParticipant<ISiloLifecycle>>(
            static provider => new AzureContainersStart(provider.GetRequiredService<AzureBlobs>(), static blobs => blobs.Log));
    }

    /// <summary>Keeps the archive in the account, and copies of the files that queries read in a local directory.</summary>
    public static IServiceCollection AddAzureBlobArchive(this IServiceCollection services)
    {
        services.AddAzureBlobs();
        services.TryAddSingleton(static provider =>
        {
            var options = provider.GetRequiredService<IOptions<AzureBlobOptions>>().Value;
            return new FileCache(options.CacheDirectory, options.CacheBytes, provider.GetRequiredService<TimeProvider>());
        });
        services.TryAddSingleton<IArchiveStore>(static provider =>
        {
            var blobs = provider.GetRequiredService<AzureBlobs>();
            return new BlobArchiveStore(blobs.Archive, blobs.ArchiveOnce, provider.GetRequiredService<FileCache>(), provider.GetRequiredService<TimeProvider>());
        });
        return services.AddSingleton<ILifecycleParticipant<ISiloLifecycle>>(
            static provider => new AzureContainersStart(provider.GetRequiredService<AzureBlobs>(), static blobs => blobs.Archive));
    }

    private static void AddAzureBlobs(this IServiceCollection services)
    {
        services.AddOptions<AzureOptions>().BindConfiguration(AzureOptions.Section).ValidateDataAnnotations().ValidateOnStart();
        services.AddOptions<AzureBlobOptions>().BindConfiguration(AzureBlobOptions.Section).ValidateDataAnnotations().ValidateOnStart();
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton(static provider => new AzureBlobs(
            provider.GetRequiredService<IOptions<AzureOptions>>(), provider.GetRequiredService<IOptions<AzureBlobOptions>>(), provider.GetServices<HttpPipelinePolicy>()));
    }

    private static int NewSeed() => RandomNumberGenerator.GetInt32(int.MaxValue);
}
