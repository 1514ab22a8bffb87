using System.Globalization;

namespace Rollbook.StepLog;

/// <summary>
/// The names of a log's objects. Two digits that depend on the log stand before it, since a store spreads its load by ranges of names, and the ids of logs that were begun at
/// about the same time begin with the same letters.
/// <code>
///   wal/{hh}/{log}/{chunk, 12 digits}    a chunk, or the fence
///   index/{hh}/{log}/{name}              what is rebuildable beside the log
/// </code>
/// </summary>
internal static class ObjectNames
{
    private const int Digits = 12;

    /// <summary>What the names of a log's chunks begin with; ends with a slash.</summary>
    public static string Log(LogId log) => $"wal/{Spread(log)}/{log}/";

    /// <summary>The object at a number of a log.</summary>
    public static string Chunk(LogId log, long number) => string.Create(CultureInfo.InvariantCulture, $"wal/{Spread(log)}/{log}/{number:D12}");

    /// <summary>An index object of a log.</summary>
    public static string Index(LogId log, string name)
    {
        if (name.Length == 0 || !name.All(static letter => char.IsAsciiLetterOrDigit(letter) || letter == '-'))
            throw new ArgumentException($"'{name}' is not the name of an index object: letters, digits and dashes.", nameof(name));
        return $"index/{Spread(log)}/{log}/{name}";
    }

    /// <summary>The number in the name of a log's object; false for any other name.</summary>
    public static bool TryParseChunk(LogId log, string name, out long number)
    {
        number = 0;
        return name.Length > Digits && long.TryParse(name.AsSpan(name.Length - Digits), NumberStyles.None, CultureInfo.InvariantCulture, out number)
            && name == Chunk(log, number);
    }

    private static string Spread(LogId log)
    {
        Span<byte> id = stackalloc byte[16];
        System.Buffers.Binary.BinaryPrimitives.WriteUInt128BigEndian(id, log.Value);
        return Crc32C.Append(0, id).ToString("x8", CultureInfo.InvariantCulture)[..2];
    }
}
