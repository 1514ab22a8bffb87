using System.Buffers.Binary;
using System.IO.Hashing;
using Kind = Rollbook.Archive.CompactThrift.Kind;

namespace Rollbook.Archive;

/// <summary>One data page of an optional column of texts, as the archive writes it: version 1, plain, zstd, with a checksum.</summary>
/// <remarks>https://github.com/apache/parquet-format/blob/master/README.md#data-pages</remarks>
internal sealed class TextPage
{
    private const int DataPage = 0;
    private const int Plain = 0;
    private const int Rle = 3;
    private const int MostBytes = 1 << 28;

    private readonly byte[] _content;

    private TextPage(byte[] content) => _content = content;

    /// <summary>Reads a page.</summary>
    /// <param name="page">Its header and its content.</param>
    /// <param name="zstd">Unpacks it.</param>
    /// <returns>Null for a page that is laid out in another way.</returns>
    /// <exception cref="InvalidDataException">It is not what was written.</exception>
    public static TextPage? Read(ReadOnlySpan<byte> page, ZstdSharp.Decompressor zstd)
    {
        var thrift = new CompactThrift(page);
        var (type, size, compressed, encoding, levels, crc) = (-1L, 0L, 0L, -1L, -1L, (long?)null);
        for (var id = 0; thrift.Next(ref id, out var kind);)
        {
            if (id == 1) type = thrift.Integer();
            else if (id == 2) size = thrift.Integer();
            else if (id == 3) compressed = thrift.Integer();
            else if (id == 4) crc = thrift.Integer();
            else if (id == 5 && kind == Kind.Struct) (encoding, levels) = ReadDataHeader(ref thrift);
            else thrift.Skip(kind);
        }

        if (type != DataPage || encoding != Plain || levels != Rle) return null;
        var content = page[thrift.Position..];
        if (compressed != content.Length || size is < 0 or > MostBytes) throw new InvalidDataException("a page has not the length that the index tells");
        if (crc is { } wanted && (int)Crc32.HashToUInt32(content) != (int)wanted) throw new InvalidDataException("a page doesn't match its checksum");
        // By the content, which the checksum proves, before so much is allocated.
        if (ZstdSharp.Decompressor.GetDecompressedSize(content) != (ulong)size) throw new InvalidDataException("a page has another length than its header tells");
        var plain = new byte[size];
        if (zstd.Unwrap(content, plain) != size) throw new InvalidDataException("a page is shorter than its header tells");
        return new TextPage(plain);
    }

    /// <summary>The text of a row; null for none.</summary>
    /// <exception cref="InvalidDataException">The page has no such row.</exception>
    public string? this[long row]
    {
        get
        {
            var levels = _content.AsSpan(sizeof(int), Length(0));
            var before = CountBefore(levels, row, out var has);
            if (!has) return null;
            var at = sizeof(int) + levels.Length;
            for (; before > 0; before--) at += sizeof(int) + Length(at);
            return System.Text.Encoding.UTF8.GetString(_content.AsSpan(at + sizeof(int), Length(at)));
        }
    }

    private static (long Encoding, long Levels) ReadDataHeader(ref CompactThrift thrift)
    {
        var (encoding, levels) = (-1L, -1L);
        for (var id = 0; thrift.Next(ref id, out var kind);)
        {
            if (id == 2) encoding = thrift.Integer();
            else if (id == 3) levels = thrift.Integer();
            else thrift.Skip(kind);
        }

        return (encoding, levels);
    }

    /// <summary>How many rows before one have a text, and whether it has one itself. Levels are runs of one bit: repeated, or eight to a byte.</summary>
    private static long CountBefore(ReadOnlySpan<byte> levels, long row, out bool has)
    {
        long count = 0;
        for (var at = 0; at < levels.Length;)
        {
            var head = Varint(levels, ref at);
            var packed = (head & 1) != 0;
            long rows = packed ? (head >> 1) * 8L : head >> 1;
            var bytes = levels[at..Math.Min(levels.Length, at + (packed ? head >> 1 : 1))];
            if (bytes.IsEmpty) break;
            at += bytes.Length;
            var until = Math.Min(row, rows);
            if (!packed)
            {
                count += until * bytes[0];
                if (row < rows) return Found(bytes[0] != 0, count, out has);
            }
            else
            {
                for (var i = 0; i < until; i++) count += Bit(bytes, i);
                if (row < rows) return Found(Bit(bytes, (int)row) != 0, count, out has);
            }

            row -= rows;
        }

        throw new InvalidDataException("a page has fewer rows than its index tells");

        static int Varint(ReadOnlySpan<byte> levels, ref int at)
        {
            var value = 0;
            for (var shift = 0; at < levels.Length && shift < 28; shift += 7)
            {
                var next = levels[at++];
                value |= (next & 127) << shift;
                if (next < 128) return value;
            }

            throw new InvalidDataException("a page ends in its levels");
        }

        static long Found(bool value, long count, out bool has)
        {
            has = value;
            return count;
        }

        static int Bit(ReadOnlySpan<byte> bits, int index) =>
            index >> 3 < bits.Length ? (bits[index >> 3] >> (index & 7)) & 1 : throw new InvalidDataException("a page has fewer rows than its index tells");
    }

    private int Length(int at)
    {
        if (at < 0 || at > _content.Length - sizeof(int)) throw new InvalidDataException("a page ends in a value's length");
        var length = BinaryPrimitives.ReadInt32LittleEndian(_content.AsSpan(at));
        return length >= 0 && length <= _content.Length - sizeof(int) - at ? length : throw new InvalidDataException("a page ends in a value");
    }
}
