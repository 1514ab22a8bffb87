using System.Security.Cryptography;

namespace Rollbook.Client;

/// <summary>How long to wait between two tries: doubling, half to whole of it by jitter, so that the workers of a restarted recorder come spread.</summary>
internal sealed class Pauses(TimeSpan first, TimeSpan longest, int? seed)
{
    private readonly Lock gate = new();
    private readonly Random jitter = new(seed ?? RandomNumberGenerator.GetInt32(int.MaxValue));

    /// <summary>The pause behind this many failures, at least 1.</summary>
    public TimeSpan After(int failures)
    {
        double share;
        lock (gate)
        {
            share = jitter.NextDouble();
        }

        // 2^20 first pauses are beyond any sensible longest one; the bound keeps the shift from overflowing.
        var ceiling = Math.Min(longest.Ticks, (double)first.Ticks * (1L << Math.Min(failures - 1, 20)));
        return TimeSpan.FromTicks((long)(ceiling * (0.5 + (share / 2))));
    }
}
