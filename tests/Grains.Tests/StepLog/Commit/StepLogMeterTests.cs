using System.Diagnostics.Metrics;
using Rollbook.StepLog;
using Xunit;

namespace Rollbook.Grains.Tests.StepLog.Commit;

public sealed class StepLogMeterTests
{
    [Fact]
    public void ObserveRecovery_WhenItIsCollected_GivesWhatRecoveryHasLeft()
    {
        using var meter = new StepLogMeter();
        var left = 5;
        meter.ObserveRecovery(() => 2, () => left);
        var seen = new Dictionary<string, int>();
        using var listener = new MeterListener();
        listener.InstrumentPublished = (instrument, l) =>
        {
            if (instrument.Name.StartsWith("rollbook.recovery.", StringComparison.Ordinal) && meter.Owns(instrument)) l.EnableMeasurementEvents(instrument);
        };
        listener.SetMeasurementEventCallback<int>((instrument, value, _, _) => seen[instrument.Name] = value);
        listener.Start();
        left = 4;
        listener.RecordObservableInstruments();
        Assert.Equal(2, seen["rollbook.recovery.logs"]);
        Assert.Equal(4, seen["rollbook.recovery.episodes"]);
    }
}
