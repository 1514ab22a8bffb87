using System.Diagnostics;
using System.Globalization;

namespace Rollbook.Kill.Tests;

/// <summary>How long workers waited for their next acknowledgement after their silo's end: those that noticed it.</summary>
internal sealed class Waits
{
    // Under a load a commit takes some tens of milliseconds; who waited longer waited for a take-over.
    private static readonly TimeSpan Noticed = TimeSpan.FromSeconds(1);
    private readonly List<TimeSpan> waits = [];

    /// <param name="acknowledgedAt">Each worker's acknowledgements, as rising timestamps of the system's clock.</param>
    /// <param name="kills">When the silos ended.</param>
    public Waits(IEnumerable<List<long>> acknowledgedAt, IReadOnlyList<long> kills)
    {
        foreach (var worker in acknowledgedAt)
        {
            foreach (var kill in kills)
            {
                var at = worker.BinarySearch(kill);
                var next = at < 0 ? ~at : at;
                if (next == worker.Count) continue;
                var wait = Stopwatch.GetElapsedTime(kill, worker[next]);
                if (wait > Noticed) waits.Add(wait);
            }
        }

        waits.Sort();
    }

    public int Count => waits.Count;

    public TimeSpan Median => At(0.5);

    public TimeSpan P99 => At(0.99);

    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture,
        $"writable again after {Median.TotalSeconds:0.0} s (median), {P99.TotalSeconds:0.0} s (p99), {At(1).TotalSeconds:0.0} s (longest) of {Count} waits");

    private TimeSpan At(double part) => waits.Count == 0 ? TimeSpan.Zero : waits[(int)Math.Ceiling(part * waits.Count) - (part > 0 ? 1 : 0)];
}
