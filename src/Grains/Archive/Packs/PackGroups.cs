using System.Globalization;
using System.Text;
using Rollbook.StepLog;

namespace Rollbook.Archive;

/// <summary>
/// The row groups of a file as a text in its metadata: where to look for an episode, and what to find there. Parquet's own statistics say the same, but nothing proves
/// them, and one flipped bit would hide an episode.
/// <code>
///   {rows} {first episode} {ordinal} {last episode} {ordinal} {crc, hex};…;#{crc of all before the #, hex}
/// </code>
/// </summary>
internal static class PackGroups
{
    public static string Write(IEnumerable<PackGroup> groups)
    {
        var text = new StringBuilder();
        foreach (var group in groups)
        {
            text.Append(
                CultureInfo.InvariantCulture,
                $"{group.Rows} {group.First.Episode} {group.First.Ordinal} {group.Last.Episode} {group.Last.Ordinal} {group.Crc:x8};");
        }

        var list = text.ToString();
        return string.Create(CultureInfo.InvariantCulture, $"{list}#{CrcOf(list):x8}");
    }

    /// <exception cref="InvalidDataException">The text is not what was written.</exception>
    public static PackGroup[] Read(string text)
    {
        var end = text.LastIndexOf('#');
        if (end < 0 || text[(end + 1)..] != CrcOf(text[..end]).ToString("x8", CultureInfo.InvariantCulture))
            throw new InvalidDataException("its list of row groups doesn't match its CRC");
        return [.. text[..end].Split(';', StringSplitOptions.RemoveEmptyEntries).Select(Group)];
    }

    private static PackGroup Group(string text)
    {
        var parts = text.Split(' ');
        return new PackGroup(
            int.Parse(parts[0], CultureInfo.InvariantCulture),
            new PackKey(EpisodeId.Parse(parts[1]), long.Parse(parts[2], CultureInfo.InvariantCulture)),
            new PackKey(EpisodeId.Parse(parts[3]), long.Parse(parts[4], CultureInfo.InvariantCulture)),
            uint.Parse(parts[5], NumberStyles.HexNumber, CultureInfo.InvariantCulture));
    }

    private static uint CrcOf(string text) => Crc32C.Append(0, Encoding.UTF8.GetBytes(text));
}
