using Microsoft.Extensions.Diagnostics.HealthChecks;
using Rollbook.Episodes;

namespace Rollbook.Silo.Doctor;

/// <summary>Whether the own log takes steps.</summary>
internal sealed class LogHealth(RecorderCore core) : IHealthCheck
{
    /// <inheritdoc/>
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        var log = core.Log;
        return Task.FromResult(
            log.Poisoned.IsCompleted ? Finding.Fail("the log failed, and the process ends", "Look at the disk or the storage account, then let it start again: it recovers what was acknowledged.")
            : log.IsFull ? Finding.Fail("there is no room: appends are answered with 429", "Free some space; recording goes on by itself.")
            : Finding.Ok($"the log {log.Id} takes steps; {log.OpenEpisodes} episodes are open"));
    }
}
