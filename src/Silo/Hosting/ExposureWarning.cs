using Rollbook.Silo.Http;

namespace Rollbook.Silo.Hosting;

/// <summary>Says each minute what is open to others, for as long as it is: what was meant for an hour is forgotten for a year.</summary>
internal sealed partial class ExposureWarning(Readiness readiness, TimeProvider time, ILogger<ExposureWarning> log) : BackgroundService
{
    private static readonly TimeSpan Every = TimeSpan.FromMinutes(1);

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (readiness.Insecure.Count == 0) return;
        using var timer = new PeriodicTimer(Every, time);
        do
        {
            foreach (var open in readiness.Insecure) LogOpen(log, open);
        }
        while (await timer.WaitForNextTickAsync(stoppingToken));
    }

    [LoggerMessage(1, LogLevel.Warning, "Others can reach this recorder, and {Open}.")]
    private static partial void LogOpen(ILogger log, string open);
}
