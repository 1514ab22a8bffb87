using System.Numerics;

namespace Rollbook.Cli;

/// <summary>
/// Counts durations in buckets whose width grows with the value, so that every quantile is at most 1/128 (0.8 %) too high and none is
/// too low (the scheme of HdrHistogram). Recording allocates nothing and may come from any thread.
/// </summary>
internal sealed class LatencyHistogram
{
    private const int PrecisionBits = 7;
    private const int PerOctave = 1 << PrecisionBits;

    // Up to 2^42 ns = 73 minutes; what is longer is counted there, and Max still tells it.
    private const int Octaves = 42 - PrecisionBits + 1;

    private readonly long[] _counts = new long[(Octaves + 1) * PerOctave];
    private long _max;

    /// <summary>How many were recorded.</summary>
    public long Count => _counts.Sum();

    /// <summary>The longest, exactly.</summary>
    public TimeSpan Max => FromNanoseconds(Interlocked.Read(ref _max));

    public void Record(TimeSpan duration)
    {
        var nanoseconds = Math.Max(0, duration.Ticks) * TimeSpan.NanosecondsPerTick;
        Interlocked.Increment(ref _counts[Math.Min(IndexOf(nanoseconds), _counts.Length - 1)]);
        for (var seen = Interlocked.Read(ref _max); nanoseconds > seen;)
        {
            var now = Interlocked.CompareExchange(ref _max, nanoseconds, seen);
            if (now == seen)
                break;
            seen = now;
        }
    }

    /// <summary>The duration that a share of all did not exceed; zero where nothing was recorded.</summary>
    /// <param name="share">0 to 1, such as 0.99.</param>
    public TimeSpan Quantile(double share)
    {
        var rank = Math.Max(1, (long)Math.Ceiling(share * Count));
        var seen = 0L;
        for (var i = 0; i < _counts.Length; i++)
        {
            seen += _counts[i];
            if (seen >= rank)
                return FromNanoseconds(Math.Min(HighestOf(i), Interlocked.Read(ref _max)));
        }

        return TimeSpan.Zero;
    }

    private static int IndexOf(long value)
    {
        if (value < PerOctave)
            return (int)value;
        var shift = BitOperations.Log2((ulong)value) - PrecisionBits;
        return (shift * PerOctave) + (int)(value >> shift);
    }

    private static long HighestOf(int index)
    {
        if (index < PerOctave)
            return index;
        var shift = (index / PerOctave) - 1;
        var value = (index % PerOctave) + PerOctave;
        return ((value + 1L) << shift) - 1;
    }

    private static TimeSpan FromNanoseconds(long nanoseconds) => TimeSpan.FromTicks((nanoseconds + TimeSpan.NanosecondsPerTick - 1) / TimeSpan.NanosecondsPerTick);
}
