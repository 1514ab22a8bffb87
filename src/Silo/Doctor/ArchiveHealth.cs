using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Options;
using Rollbook.Archive;

namespace Rollbook.Silo.Doctor;

/// <summary>Whether the archive keeps up with the log.</summary>
internal sealed class ArchiveHealth(ArchiveRounds rounds, IOptions<ArchiveOptions> options) : IHealthCheck
{
    // A round may take as long as the time between two.
    private const int Patience = 5;

    /// <inheritdoc/>
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        var text = $"{rounds.BacklogBytes >> 20} MiB of the log are in no pack yet; the oldest are {rounds.BacklogSeconds:0} s old";
        return Task.FromResult(rounds.BacklogSeconds > Patience * options.Value.PackSeconds
            ? Finding.Warn(text, "Packing fails or is too slow, and the log grows meanwhile: the recorder's own log lines say why.")
            : Finding.Ok(text));
    }
}
