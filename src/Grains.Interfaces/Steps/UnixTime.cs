namespace Rollbook.Steps;

/// <summary>Times on the wire are Unix seconds with a fraction; in an entry they are microseconds.</summary>
internal static class UnixTime
{
    /// <summary>Seconds of microseconds.</summary>
    public static double Seconds(long micros) => micros / 1e6;

    /// <summary>Microseconds of a moment.</summary>
    public static long Micros(DateTimeOffset moment) => (moment - DateTimeOffset.UnixEpoch).Ticks / TimeSpan.TicksPerMicrosecond;
}
