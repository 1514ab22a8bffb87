namespace Rollbook;

/// <summary>How long an episode took.</summary>
internal static class Durations
{
    /// <summary>Seconds with two decimals; null while it runs.</summary>
    public static double? Of(double start, double? end) => end is { } ended ? Math.Round(ended - start, 2, MidpointRounding.ToEven) : null;
}
