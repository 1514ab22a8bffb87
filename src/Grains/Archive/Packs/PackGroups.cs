using System.Globalization;
using System.Text;
using Rollbook.StepLog;

namespace Rollbook.Archive;

/// <summary>
/// The row groups of a file as a text in its metadata: where to look for an episode, and what to find there. Parquet's own statistics say the same, but nothing proves
/// them, and one flipped bit would hide an episode. There is a CRC for each column, so that a reader proves those that it knows.
/// <code>
///   {column},…|{rows} {first episode} {ordinal} {last episode} {ordinal} {crc, hex},…;…#{crc of all before the #, hex}
/// </code>
/// </summary>
/// <param name="Proved">The columns that have a CRC in each row group.</param>
/// <param name="Groups">The row groups.</param>
internal sealed record PackGroups(string[] Proved, PackGroup[] Groups)
{
    /// <summary>The text.</summary>
    public string Write()
    {
        var text = new StringBuilder(string.Join(',', Proved)).Append('|');
        foreach (var group in Groups)
        {
            var crcs = string.Join(',', group.Crcs.Select(static crc => crc.ToString("x8", CultureInfo.InvariantCulture)));
            text.Append(
                CultureInfo.InvariantCulture, $"{group.Rows} {group.First.Episode} {group.First.Ordinal} {group.Last.Episode} {group.Last.Ordinal} {crcs};");
        }

        var list = text.ToString();
        return string.Create(CultureInfo.InvariantCulture, $"{list}#{CrcOf(list):x8}");
    }

    /// <summary>Reads the text.</summary>
    /// <exception cref="InvalidDataException">It is not what was written.</exception>
    public static PackGroups Read(string text)
    {
        var end = text.LastIndexOf('#');
        if (end < 0 || text[(end + 1)..] != CrcOf(text[..end]).ToString("x8", CultureInfo.InvariantCulture))
            throw new InvalidDataException("its list of row groups doesn't match its CRC");
        var parts = text[..end].Split('|');
        return new PackGroups(parts[0].Split(','), [.. parts[1].Split(';', StringSplitOptions.RemoveEmptyEntries).Select(Group)]);
    }

    private static PackGroup Group(string text)
    {
        var parts = text.Split(' ');
        return new PackGroup(
            int.Parse(parts[0], CultureInfo.InvariantCulture),
            new PackKey(EpisodeId.Parse(parts[1]), long.Parse(parts[2], CultureInfo.InvariantCulture)),
            new PackKey(EpisodeId.Parse(parts[3]), long.Parse(parts[4], CultureInfo.InvariantCulture)),
            [.. parts[5].Split(',').Select(static crc => uint.Parse(crc, NumberStyles.HexNumber, CultureInfo.InvariantCulture))]);
    }

    private static uint CrcOf(string text) => Crc32C.Append(0, Encoding.UTF8.GetBytes(text));
}
