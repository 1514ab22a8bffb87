using System.Globalization;

namespace Rollbook.StepLog;

/// <summary>
/// The names within a data directory:
/// <code>
///   rollbook.lock, rollbook.owner         see DataDirectoryLock
///   wal/{log}/{segment, 8 digits}.wal     segment files
///   wal/{log}/fence                       the end of a log that takes no more
///   spare/{number}.wal                    freed segment files, to be written again
///   index/{log}/{name}                    rebuildable objects
/// </code>
/// </summary>
internal sealed class LocalPaths(string data)
{
    private const string SegmentSuffix = ".wal";

    public string Data => data;

    public string Wal { get; } = Path.Combine(data, "wal");

    public string Spares { get; } = Path.Combine(data, "spare");

    public string Index { get; } = Path.Combine(data, "index");

    public string Log(LogId log) => Path.Combine(Wal, log.ToString());

    public string Fence(LogId log) => Path.Combine(Log(log), "fence");

    public string Segment(LogId log, int segment) =>
        Path.Combine(Log(log), segment.ToString("D8", CultureInfo.InvariantCulture) + SegmentSuffix);

    public string Spare(int number) => Path.Combine(Spares, number.ToString("D8", CultureInfo.InvariantCulture) + SegmentSuffix);

    /// <summary>The number in a segment's or a spare's file name.</summary>
    public static bool TryParseNumber(string name, out int number)
    {
        number = 0;
        return name.EndsWith(SegmentSuffix, StringComparison.Ordinal)
            && int.TryParse(name.AsSpan(0, name.Length - SegmentSuffix.Length), NumberStyles.None, CultureInfo.InvariantCulture, out number);
    }

    /// <summary>The segments of a log that exist as files, ascending.</summary>
    public List<int> Segments(IDiskFiles files, LogId log)
    {
        var found = new List<int>();
        foreach (var name in files.List(Log(log)))
        {
            if (TryParseNumber(name, out var number)) found.Add(number);
        }

        found.Sort();
        return found;
    }
}
