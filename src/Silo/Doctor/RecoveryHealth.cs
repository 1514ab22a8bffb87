using Microsoft.Extensions.Diagnostics.HealthChecks;
using Rollbook.Archive;
using Rollbook.Recovery;

namespace Rollbook.Silo.Doctor;

/// <summary>What older logs have left.</summary>
internal sealed class RecoveryHealth(LogRecovery recovery, ArchiveRounds rounds) : IHealthCheck
{
    /// <inheritdoc/>
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) => Task.FromResult(
        rounds.DamagedLogs > 0
            ? Finding.Warn($"{rounds.DamagedLogs} logs have a damaged place and are kept as they are", "Stop the recorder and run rollbook verify DIR: it names the place and the episodes. Look at the disk.")
            : recovery.UnrecoveredLogs > 0
                ? Finding.Warn(
                    $"{recovery.UnrecoveredLogs} dead logs are not recovered, with {recovery.UnrecoveredEpisodes} unfinished episodes or more that no log has taken over yet",
                    "This goes on by itself and takes seconds. If it stays so for minutes, the recorder's own log lines say why.")
                : Finding.Ok("nothing is left to recover"));
}
