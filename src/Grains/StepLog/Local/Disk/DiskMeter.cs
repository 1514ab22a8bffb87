using System.Diagnostics.Metrics;
using Microsoft.Extensions.Options;

namespace Rollbook.StepLog;

/// <summary>The instruments of the data directory's disk, on the meter <c>Rollbook</c>.</summary>
internal sealed class DiskMeter : IDisposable
{
    private readonly Meter meter = new(StepLogMeter.Name);

    /// <summary>Makes the instruments.</summary>
    public DiskMeter(IOptions<LocalStepLogOptions> options)
    {
        var disk = new DiskReserve(Path.GetFullPath(options.Value.DataDirectory), options.Value.DiskReserveBytes);
        meter.CreateObservableGauge("rollbook.disk.free", () => disk.Free, "By", "Bytes that are free on the disk of the data directory.");
        meter.CreateObservableGauge("rollbook.disk.reserve", () => disk.Bytes, "By", "Bytes of that disk that are never taken: at this mark appends are refused.");
    }

    /// <inheritdoc/>
    public void Dispose() => meter.Dispose();
}
