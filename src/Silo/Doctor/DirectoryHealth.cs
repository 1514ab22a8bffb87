using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Options;
using Rollbook.Doctor;
using Rollbook.StepLog;

namespace Rollbook.Silo.Doctor;

/// <summary>One look at the data directory.</summary>
internal sealed class DirectoryHealth(IOptions<LocalStepLogOptions> options, Func<DataDirectory, DiskReserve, Check> look) : IHealthCheck
{
    /// <inheritdoc/>
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        if (options.Value.DataDirectory.Length == 0) return Task.FromResult(Finding.Ok("nothing is kept in a directory of this machine"));
        var path = Path.GetFullPath(options.Value.DataDirectory);
        return Task.FromResult(look(new DataDirectory(path), new DiskReserve(path, options.Value.DiskReserveBytes)).Result());
    }
}
