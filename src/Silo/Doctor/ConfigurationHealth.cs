using Microsoft.Extensions.Diagnostics.HealthChecks;
using Rollbook.Silo.Hosting;

namespace Rollbook.Silo.Doctor;

/// <summary>What is configured and better were not.</summary>
internal sealed class ConfigurationHealth(RollbookOptions options) : IHealthCheck
{
    /// <inheritdoc/>
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        var (found, cures) = (new List<string>(), new List<string>());
        if (options.InsecureIUnderstand) Add("InsecureIUnderstand", "whoever reaches the recorder may read and write everything", "ask for credentials, or listen on loopback");
        if (options.Demo) Add("Demo", "simulated workers record into it", "leave it out where real ones do");
        if (options.Dashboard) Add("Dashboard", "calls are measured for the dashboard", "leave it out where nobody looks at it");
        return Task.FromResult(found.Count == 0
            ? Finding.Ok("nothing is set that better were not")
            : Finding.Warn(string.Join("; ", found), $"{string.Join("; ", cures)}."));

        void Add(string key, string text, string cure)
        {
            found.Add($"{Settings.Of(key).Argument}: {text}");
            cures.Add($"{Settings.Of(key).Argument}: {cure}");
        }
    }
}
