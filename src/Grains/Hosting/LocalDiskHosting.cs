using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;
using Rollbook.StepLog;

namespace Rollbook.Hosting;

/// <summary>Registers the local device of the step log.</summary>
internal static class LocalDiskHosting
{
    /// <summary>Keeps the log in segment files of a directory. The directory is checked and locked when the device is first asked for.</summary>
    public static IServiceCollection AddLocalDiskStepLog(this IServiceCollection services, string directory)
    {
        services.AddOptions<LocalStepLogOptions>()
            .BindConfiguration("Rollbook:LocalStepLog")
            .Configure<IOptions<StepLogOptions>>((local, log) =>
            {
                local.DataDirectory = directory;
                local.SegmentBytes = log.Value.SegmentBytes;
            })
            .ValidateDataAnnotations();
        services.TryAddSingleton(static provider => DataDirectoryLock.Acquire(provider.GetRequiredService<IOptions<LocalStepLogOptions>>().Value));
        services.TryAddSingleton<DiskMeter>();
        services.TryAddSingleton<IStepLogStorage>(static provider =>
        {
            provider.GetRequiredService<DataDirectoryLock>();
            provider.GetRequiredService<DiskMeter>();
            return new LocalStepLogStorage(provider.GetRequiredService<IOptions<LocalStepLogOptions>>().Value);
        });
        services.TryAddSingleton<ILogIndexStore>(static provider =>
            new LocalLogIndexStore(provider.GetRequiredService<IOptions<LocalStepLogOptions>>().Value));
        return services;
    }
}
