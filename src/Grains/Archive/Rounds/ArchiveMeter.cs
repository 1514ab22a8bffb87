using System.Diagnostics.Metrics;
using Rollbook.StepLog;

namespace Rollbook.Archive;

/// <summary>The archive's instruments, on the meter <c>Rollbook</c>.</summary>
public sealed class ArchiveMeter : IDisposable
{
    private readonly Meter meter = new(StepLogMeter.Name);
    private readonly Counter<long> steps;
    private readonly Counter<long> bytes;
    private readonly Counter<long> failures;
    private readonly Histogram<double> seconds;

    /// <summary>Makes the instruments.</summary>
    public ArchiveMeter()
    {
        steps = meter.CreateCounter<long>("rollbook.archive.steps", "{step}", "Steps that went into packs.");
        bytes = meter.CreateCounter<long>("rollbook.archive.bytes", "By", "Bytes of packs that were published.");
        failures = meter.CreateCounter<long>("rollbook.archive.failures", "{round}", "Rounds of packing that failed; the next one tries again.");
        seconds = meter.CreateHistogram("rollbook.archive.pack.duration", "s", "From the first chunk that is read to the published manifest.", null,
            new InstrumentAdvice<double> { HistogramBucketBoundaries = [0.01, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60] });
    }

    /// <summary>Observes how much is recorded and not packed: the alarm is on this one.</summary>
    public void Observe(Func<long> backlogBytes, Func<double> backlogSeconds)
    {
        meter.CreateObservableUpDownCounter("rollbook.archive.backlog", backlogBytes, "By", "Bytes of this silo's log that no pack holds yet.");
        meter.CreateObservableGauge("rollbook.archive.backlog.age", backlogSeconds, "s", "Age of the oldest record of this silo's log that no pack holds yet.");
    }

    /// <summary>Observes what no round can make good.</summary>
    public void ObserveDamage(Func<int> damagedLogs) =>
        meter.CreateObservableGauge("rollbook.archive.damaged_logs", damagedLogs, "{log}", "Logs with a damaged place that were set aside and are kept for a person.");

    /// <summary>Shows what hardly ever counts as 0 instead of not at all: an alert sees the first increase then.</summary>
    public void Begin() => failures.Add(0);

    /// <inheritdoc/>
    public void Dispose() => meter.Dispose();

    internal void Packed(PackedStretch stretch, TimeSpan duration)
    {
        steps.Add(stretch.Steps);
        bytes.Add(stretch.Bytes);
        seconds.Record(duration.TotalSeconds);
    }

    internal void Failed() => failures.Add(1);
}
