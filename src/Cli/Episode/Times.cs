using System.Globalization;

namespace Rollbook.Cli;

/// <summary>Times and numbers as a person reads them.</summary>
internal static class Times
{
    // What DateTimeOffset can hold, in Unix seconds.
    private const double Earliest = -62_135_596_800;
    private const double Latest = 253_402_300_799;

    public static string Stamp(double? unixSeconds) => Format(unixSeconds, "yyyy-MM-dd HH:mm:ss'Z'");

    public static string Clock(double? unixSeconds) => Format(unixSeconds, "HH:mm:ss");

    public static string Number(double? value) => value is null ? "" : value.Value.ToString("0.###", CultureInfo.InvariantCulture);

    private static string Format(double? unixSeconds, string format) =>
        unixSeconds is >= Earliest and <= Latest
            ? DateTimeOffset.FromUnixTimeMilliseconds((long)(unixSeconds.Value * 1000)).ToString(format, CultureInfo.InvariantCulture)
            : "";
}
