using System.Buffers.Binary;
using System.Text;

namespace Rollbook.StepLog;

/// <summary>
/// A segment's index as bytes; numbers little-endian.
/// <code>
///   0  magic          FF 52 42 49 58 FE 00 02   (the last two: format version)
///   8  log id         16 bytes, big-endian
///  24  segment        i32
///  28  entries        i32
///  32  first chunk    i64
///  40  owned begin    i64   -1 where none
///  48  end chunk      i64   the number after its last one
///  56  entries, 64 bytes each: episode 16, term i64, ordinal i64, count i32, kind u8, project u24, chunk i64, chunk offset i64, frame offset i32, frame length i32
///   …  projects       i32   then each: length u16, UTF-8; entries name them by their place, from 1, and 0 is one that is not known
///   …  CRC-32C        u32   of all before
/// </code>
/// Format 1 is the same without the projects, and its u24 is 0: the index of a log that is freed can't be made anew, so it is read as long as there is one.
/// </summary>
internal static class SegmentIndexCodec
{
    /// <summary>The newest format that this release reads, and the one that it writes.</summary>
    public const byte Version = 2;

    private const int HeadSize = 56;
    private const int EntrySize = 64;
    private const int KindOffset = 36;
    private const int KindBits = 8;

    private static ReadOnlySpan<byte> Magic => [0xFF, 0x52, 0x42, 0x49, 0x58, 0xFE, 0x00, Version];

    private static ReadOnlySpan<byte> FirstMagic => [0xFF, 0x52, 0x42, 0x49, 0x58, 0xFE, 0x00, 0x01];

    public static string NameOf(int segment) => $"index-{segment:D8}";

    public static byte[] Write(LogId log, SegmentIndex index)
    {
        byte[] buffer = [];
        return Write(log, index, ref buffer).ToArray();
    }

    /// <summary>Writes it into a buffer, which is replaced where it is too small: a segment's index may have megabytes, each time.</summary>
    public static ReadOnlyMemory<byte> Write(LogId log, SegmentIndex index, ref byte[] buffer)
    {
        var entries = index.Entries;
        var projects = ProjectsOf(entries);
        var names = HeadSize + (entries.Length * EntrySize);
        var length = names + 4 + projects.Keys.Sum(static p => 2 + Encoding.UTF8.GetByteCount(p)) + 4;
        if (buffer.Length < length) buffer = new byte[length + (length / 8)];
        var bytes = buffer.AsSpan(0, length);
        Magic.CopyTo(bytes);
        BinaryPrimitives.WriteUInt128BigEndian(bytes[8..], log.Value);
        BinaryPrimitives.WriteInt32LittleEndian(bytes[24..], index.Segment);
        BinaryPrimitives.WriteInt32LittleEndian(bytes[28..], entries.Length);
        BinaryPrimitives.WriteInt64LittleEndian(bytes[32..], index.FirstChunk);
        BinaryPrimitives.WriteInt64LittleEndian(bytes[40..], index.OwnedBegin ?? -1);
        BinaryPrimitives.WriteInt64LittleEndian(bytes[48..], index.EndChunk);
        for (var i = 0; i < entries.Length; i++)
            WriteEntry(bytes[(HeadSize + (i * EntrySize))..], entries[i], entries[i].Project is { } project ? projects[project] : 0);
        WriteProjects(bytes[names..], projects);
        BinaryPrimitives.WriteUInt32LittleEndian(bytes[^4..], Crc32C.Append(0, bytes[..^4]));
        return buffer.AsMemory(0, length);
    }

    /// <summary>Reads an index; null where the bytes are damaged or of another format, and must be made again from the log.</summary>
    public static SegmentIndex? TryRead(LogId log, ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length < HeadSize + 4) return null;
        var isFirst = bytes[..8].SequenceEqual(FirstMagic);
        if (!isFirst && !bytes[..8].SequenceEqual(Magic)) return null;
        if (BinaryPrimitives.ReadUInt32LittleEndian(bytes[^4..]) != Crc32C.Append(0, bytes[..^4])) return null;
        if (BinaryPrimitives.ReadUInt128BigEndian(bytes[8..]) != log.Value) return null;
        var segment = BinaryPrimitives.ReadInt32LittleEndian(bytes[24..]);
        var count = BinaryPrimitives.ReadInt32LittleEndian(bytes[28..]);
        var names = HeadSize + ((long)count * EntrySize);
        if (count < 0 || names > bytes.Length - 4) return null;
        if (ReadProjects(bytes[(int)names..^4], isFirst) is not { } projects) return null;
        var owned = BinaryPrimitives.ReadInt64LittleEndian(bytes[40..]);
        var entries = new IndexEntry[count];
        for (var i = 0; i < count; i++)
        {
            var entry = bytes.Slice(HeadSize + (i * EntrySize), EntrySize);
            var place = BinaryPrimitives.ReadUInt32LittleEndian(entry[KindOffset..]) >> KindBits;
            if (place >= projects.Count) return null;
            entries[i] = ReadEntry(segment, projects[(int)place], entry);
        }

        var first = BinaryPrimitives.ReadInt64LittleEndian(bytes[32..]);
        return new SegmentIndex(segment, first, BinaryPrimitives.ReadInt64LittleEndian(bytes[48..]), owned < 0 ? null : owned, entries);
    }

    // In the order in which the entries meet them.
    private static OrderedDictionary<string, int> ProjectsOf(ReadOnlySpan<IndexEntry> entries)
    {
        var projects = new OrderedDictionary<string, int>(StringComparer.Ordinal);
        string? last = null;
        foreach (ref readonly var entry in entries)
        {
            if (ReferenceEquals(entry.Project, last)) continue;
            last = entry.Project;
            if (last is not null) projects.TryAdd(last, projects.Count + 1);
        }

        return projects;
    }

    private static void WriteProjects(Span<byte> to, OrderedDictionary<string, int> projects)
    {
        BinaryPrimitives.WriteInt32LittleEndian(to, projects.Count);
        to = to[4..];
        foreach (var project in projects.Keys)
        {
            var length = Encoding.UTF8.GetBytes(project, to[2..]);
            BinaryPrimitives.WriteUInt16LittleEndian(to, (ushort)length);
            to = to[(2 + length)..];
        }
    }

    // The first is the one that is not known.
    private static List<string?>? ReadProjects(ReadOnlySpan<byte> from, bool isFirst)
    {
        List<string?> projects = [null];
        if (isFirst) return from.IsEmpty ? projects : null;
        if (from.Length < 4) return null;
        var count = BinaryPrimitives.ReadInt32LittleEndian(from);
        from = from[4..];
        for (var i = 0; i < count; i++)
        {
            if (from.Length < 2) return null;
            var length = BinaryPrimitives.ReadUInt16LittleEndian(from);
            if (from.Length < 2 + length) return null;
            projects.Add(Encoding.UTF8.GetString(from.Slice(2, length)));
            from = from[(2 + length)..];
        }

        return from.IsEmpty ? projects : null;
    }

    private static void WriteEntry(Span<byte> to, in IndexEntry entry, int project)
    {
        BinaryPrimitives.WriteUInt128BigEndian(to, entry.Episode.Value);
        BinaryPrimitives.WriteInt64LittleEndian(to[16..], entry.Term);
        BinaryPrimitives.WriteInt64LittleEndian(to[24..], entry.Ordinal);
        BinaryPrimitives.WriteInt32LittleEndian(to[32..], entry.Count);
        BinaryPrimitives.WriteUInt32LittleEndian(to[KindOffset..], (byte)entry.Kind | ((uint)project << KindBits));
        BinaryPrimitives.WriteInt64LittleEndian(to[40..], entry.Chunk.Number);
        BinaryPrimitives.WriteInt64LittleEndian(to[48..], entry.Chunk.Offset);
        BinaryPrimitives.WriteInt32LittleEndian(to[56..], entry.Offset);
        BinaryPrimitives.WriteInt32LittleEndian(to[60..], entry.Length);
    }

    private static IndexEntry ReadEntry(int segment, string? project, ReadOnlySpan<byte> from) => new(
        project,
        new EpisodeId(BinaryPrimitives.ReadUInt128BigEndian(from)),
        BinaryPrimitives.ReadInt64LittleEndian(from[16..]),
        BinaryPrimitives.ReadInt64LittleEndian(from[24..]),
        BinaryPrimitives.ReadInt32LittleEndian(from[32..]),
        (FrameKind)from[KindOffset],
        new ChunkAddress(BinaryPrimitives.ReadInt64LittleEndian(from[40..]), segment, BinaryPrimitives.ReadInt64LittleEndian(from[48..])),
        BinaryPrimitives.ReadInt32LittleEndian(from[56..]),
        BinaryPrimitives.ReadInt32LittleEndian(from[60..]));
}
