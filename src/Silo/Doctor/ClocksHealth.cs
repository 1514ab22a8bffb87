using System.Globalization;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Rollbook.Silo.Telemetry;

namespace Rollbook.Silo.Doctor;

/// <summary>Whether the silos' clocks agree.</summary>
internal sealed class ClocksHealth(ClockWatch watch) : IHealthCheck
{
    // Membership has been seen to fail with minutes between clocks; synchronised ones are milliseconds apart.
    private static readonly TimeSpan WarnAbove = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan FailAbove = TimeSpan.FromMinutes(1);

    /// <inheritdoc/>
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) =>
        Task.FromResult(Of(watch.Skew, watch.Silos));

    /// <summary>What a skew among so many silos means.</summary>
    internal static HealthCheckResult Of(TimeSpan skew, int silos)
    {
        var text = silos == 1 ? "one silo, one clock" : string.Create(CultureInfo.InvariantCulture, $"{silos} silos; their clocks differ by {skew.Duration().TotalSeconds:0.###} s at most");
        const string Cure = "Let all machines synchronise their clocks (NTP): a silo whose clock is minutes off can't be declared dead in time.";
        return skew.Duration() > FailAbove ? Finding.Fail(text, Cure) : skew.Duration() > WarnAbove ? Finding.Warn(text, Cure) : Finding.Ok(text);
    }
}
