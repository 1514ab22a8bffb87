using Microsoft.Extensions.Diagnostics.HealthChecks;
using Rollbook.Doctor;

namespace Rollbook.Silo.Doctor;

/// <summary>Checks as results of the health checks of ASP.NET Core, which carry the cure in their data.</summary>
internal static class Finding
{
    /// <summary>The key of the cure in a result's data.</summary>
    public const string Cure = "cure";

    /// <summary>A check as a result.</summary>
    public static HealthCheckResult Result(this Check check) => new(
        check.State switch { CheckState.Ok => HealthStatus.Healthy, CheckState.Warn => HealthStatus.Degraded, _ => HealthStatus.Unhealthy },
        check.Text,
        data: check.Cure is null ? null : new Dictionary<string, object> { [Cure] = check.Cure });

    /// <summary>All is well.</summary>
    public static HealthCheckResult Ok(string text) => HealthCheckResult.Healthy(text);

    /// <summary>It works, but something should be known or mended.</summary>
    public static HealthCheckResult Warn(string text, string cure) => HealthCheckResult.Degraded(text, data: new Dictionary<string, object> { [Cure] = cure });

    /// <summary>It doesn't work.</summary>
    public static HealthCheckResult Fail(string text, string cure) => HealthCheckResult.Unhealthy(text, data: new Dictionary<string, object> { [Cure] = cure });
}
