using System.Globalization;
using System.Text.Json;

namespace Rollbook.Export;

/// <summary>When a step happened: as the caller says, else when it was received, also where the caller's time is none that a calendar has.</summary>
internal static class StepTimes
{
    // The years 1 to 9999, in Unix microseconds.
    private const double Earliest = -62_135_596_800e6;
    private const double Latest = 253_402_300_799e6;

    /// <summary>Unix microseconds.</summary>
    /// <param name="timestamp">The step's own, a JSON value; empty = none.</param>
    /// <param name="receivedAt">Unix microseconds.</param>
    public static long Micros(ReadOnlySpan<byte> timestamp, long receivedAt)
    {
        if (timestamp.IsEmpty) return receivedAt;
        var reader = new Utf8JsonReader(timestamp);
        // A number that is not finite is a string.
        return reader.Read() && reader.TokenType == JsonTokenType.Number && reader.TryGetDouble(out var seconds) && seconds * 1e6 is >= Earliest and <= Latest
            ? (long)(seconds * 1e6)
            : receivedAt;
    }

    /// <summary>ISO 8601 in UTC with microseconds; null where no calendar has the time.</summary>
    public static string? Iso(long micros) => micros is >= (long)Earliest and <= (long)Latest
        ? DateTimeOffset.UnixEpoch.AddTicks(micros * TimeSpan.TicksPerMicrosecond).ToString("yyyy-MM-dd'T'HH:mm:ss.ffffff'Z'", CultureInfo.InvariantCulture)
        : null;

    /// <summary>Unix microseconds of Unix seconds; null where no calendar has the time.</summary>
    public static long? Micros(double seconds) => seconds * 1e6 is >= Earliest and <= Latest ? (long)(seconds * 1e6) : null;
}
