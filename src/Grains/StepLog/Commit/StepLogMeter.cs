using System.Diagnostics.Metrics;

namespace Rollbook.StepLog;

/// <summary>The log's instruments, on the meter <c>Rollbook</c>.</summary>
public sealed class StepLogMeter : IDisposable
{
    /// <summary>The name of the recorder's meter.</summary>
    public const string Name = "Rollbook";

    private readonly Meter meter = new(Name);
    private readonly Counter<long> steps;
    private readonly Counter<long> frames;
    private readonly Counter<long> bytes;
    private readonly Counter<long> refused;
    private readonly Counter<long> segments;
    private readonly Histogram<double> commitSeconds;
    private readonly Histogram<long> commitBytes;

    /// <summary>Makes the instruments.</summary>
    public StepLogMeter()
    {
        steps = meter.CreateCounter<long>("rollbook.log.steps", "{step}", "Steps that became durable.");
        frames = meter.CreateCounter<long>("rollbook.log.frames", "{frame}", "Frames that became durable, of any kind.");
        bytes = meter.CreateCounter<long>("rollbook.log.bytes", "By", "Bytes of durable chunks, padding included.");
        refused = meter.CreateCounter<long>("rollbook.log.refused", "{append}", "Appends refused as busy or for want of room.");
        segments = meter.CreateCounter<long>("rollbook.log.segments", "{segment}", "Segments closed.");
        commitSeconds = meter.CreateHistogram("rollbook.log.commit.duration", "s", "From a chunk's first frame to its release.", null,
            new InstrumentAdvice<double> { HistogramBucketBoundaries = [0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1, 5] });
        commitBytes = meter.CreateHistogram("rollbook.log.commit.size", "By", "Bytes of a chunk.", null,
            new InstrumentAdvice<long> { HistogramBucketBoundaries = [1024, 4096, 16384, 65536, 262144, 1048576, 4194304, 16777216] });
    }

    /// <summary>Observes a log's bytes in flight and open episodes.</summary>
    public void Observe(Func<long> bytesInFlight, Func<long> openEpisodes)
    {
        meter.CreateObservableUpDownCounter("rollbook.log.in_flight", bytesInFlight, "By", "Bytes that wait for their commit.");
        meter.CreateObservableUpDownCounter("rollbook.episodes.open", openEpisodes, "{episode}", "Unfinished episodes that this silo owns.");
    }

    /// <summary>Observes whether the log failed: for the half second that the process has left then, and its last export.</summary>
    public void ObservePoison(Func<int> poisoned) =>
        meter.CreateObservableGauge("rollbook.log.poisoned", poisoned, null, "1 once the log failed and takes no more; the process ends.");

    /// <summary>Shows what hardly ever counts as 0 instead of not at all: an alert sees the first increase then.</summary>
    public void Begin() => refused.Add(0);

    /// <summary>Observes how far recovery of dead logs has come.</summary>
    public void ObserveRecovery(Func<int> logs, Func<int> episodes)
    {
        meter.CreateObservableUpDownCounter("rollbook.recovery.logs", logs, "{log}", "Dead logs whose unfinished episodes are not all taken over yet.");
        meter.CreateObservableUpDownCounter("rollbook.recovery.episodes", episodes, "{episode}", "Unfinished episodes of dead logs at the last round.");
    }

    /// <inheritdoc/>
    public void Dispose() => meter.Dispose();

    internal bool Owns(Instrument instrument) => instrument.Meter == meter;

    internal void Committed(int stepCount, int frameCount, long chunkBytes, TimeSpan duration)
    {
        steps.Add(stepCount);
        frames.Add(frameCount);
        bytes.Add(chunkBytes);
        commitSeconds.Record(duration.TotalSeconds);
        commitBytes.Record(chunkBytes);
    }

    internal void Refused() => refused.Add(1);

    internal void SegmentClosed() => segments.Add(1);
}
