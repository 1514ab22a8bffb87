using System.Diagnostics.Metrics;
using Rollbook.StepLog;

namespace Rollbook.Silo.Telemetry;

/// <summary>The instruments of a silo among others, on the meter <c>Rollbook</c>.</summary>
internal sealed class ClusterMeter : IDisposable
{
    private readonly Meter meter = new(StepLogMeter.Name);

    /// <summary>Observes what the clock watch saw last.</summary>
    public void Observe(Func<double> skewSeconds, Func<int> silos)
    {
        meter.CreateObservableGauge("rollbook.cluster.clock_skew", skewSeconds, "s", "Greatest difference between this silo's clock and another's that the way of the answer doesn't explain.");
        meter.CreateObservableGauge("rollbook.cluster.silos", silos, "{silo}", "Active silos that this one knows, itself included.");
    }

    /// <inheritdoc/>
    public void Dispose() => meter.Dispose();
}
