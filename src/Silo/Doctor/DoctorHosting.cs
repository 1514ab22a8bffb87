using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Options;
using Rollbook.Doctor;
using Rollbook.Silo.Telemetry;
using Rollbook.StepLog;

namespace Rollbook.Silo.Doctor;

/// <summary>Registers what <c>GET /v1/doctor</c> looks at. A storage of another kind adds checks of its own by <c>AddHealthChecks</c>.</summary>
internal static class DoctorHosting
{
    /// <summary>Adds the checks of every silo, and the watch of the clocks.</summary>
    public static void AddDoctor(this IServiceCollection services)
    {
        services.AddSingleton<ClusterMeter>();
        services.AddSingleton<ClockWatch>();
        services.AddHostedService(static provider => provider.GetRequiredService<ClockWatch>());
        services.AddHealthChecks()
            .AddCheck<LogHealth>("log")
            .AddCheck<RecoveryHealth>("recovery")
            .AddCheck<ArchiveHealth>("archive")
            .AddCheck<ClocksHealth>("clocks")
            .AddCheck<ConfigurationHealth>("configuration");
    }

    /// <summary>Adds the checks of a data directory on this machine.</summary>
    public static void AddDirectoryChecks(this IServiceCollection services) => services.AddHealthChecks()
        .Add(Directory("file_system", static (directory, _) => directory.FileSystem()))
        .Add(Directory("space", static (directory, reserve) => directory.Space(reserve.Bytes)))
        .Add(Directory("permissions", static (directory, _) => directory.Permissions()));

    private static HealthCheckRegistration Directory(string name, Func<DataDirectory, DiskReserve, Check> look) => new(
        name, provider => new DirectoryHealth(provider.GetRequiredService<IOptions<LocalStepLogOptions>>(), look), failureStatus: null, tags: null);
}
