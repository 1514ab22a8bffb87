using Orleans.Runtime;

namespace Rollbook.Silo.Telemetry;

/// <summary>
/// Asks each other silo for its time twice a minute. Clocks that run apart by minutes have kept silos from declaring a dead one dead, so it has to be seen.
/// </summary>
internal sealed partial class ClockWatch(IGrainFactory grains, ILocalSiloDetails self, ClusterMeter meter, TimeProvider time, ILogger<ClockWatch> log) : BackgroundService
{
    private static readonly TimeSpan Between = TimeSpan.FromSeconds(30);

    private readonly Lock gate = new();
    private TimeSpan skew;
    private int silos = 1;

    /// <summary>The greatest skew of the last round, either way.</summary>
    public TimeSpan Skew
    {
        get { lock (gate) return skew; }
    }

    /// <summary>Active silos at the last round.</summary>
    public int Silos
    {
        get { lock (gate) return silos; }
    }

    /// <summary>One round.</summary>
    /// <param name="except">The silo that isn't asked; null = none.</param>
    public async Task LookAsync(SiloAddress? except)
    {
        var management = grains.GetGrain<IManagementGrain>(0);
        var active = (await management.GetHosts(onlyActive: true)).Keys.ToArray();
        var greatest = TimeSpan.Zero;
        foreach (var silo in active.Where(silo => !silo.Equals(except)))
        {
            var asked = time.GetUtcNow();
            var told = await management.GetRuntimeStatistics([silo]);
            if (told.Length == 1 && ClockSkew.Of(asked, new DateTimeOffset(told[0].DateTime, TimeSpan.Zero), time.GetUtcNow()) is var found && found.Duration() > greatest.Duration())
                greatest = found;
        }

        lock (gate) (skew, silos) = (greatest, active.Length);
    }

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        meter.Observe(() => Skew.Duration().TotalSeconds, () => Silos);
        using var timer = new PeriodicTimer(Between, time);
        do
        {
            try
            {
                await LookAsync(self.SiloAddress);
            }
            catch (Exception failure)
            {
                // A silo that goes while it is asked; the next round knows.
                LogNotSeen(log, failure);
            }
        }
        while (await timer.WaitForNextTickAsync(stoppingToken));
    }

    [LoggerMessage(1, LogLevel.Debug, "The clocks of the other silos were not seen; the next round asks again.")]
    private static partial void LogNotSeen(ILogger log, Exception failure);
}
