using System.Buffers.Binary;
using Microsoft.Win32.SafeHandles;
using Kind = Rollbook.Archive.CompactThrift.Kind;

namespace Rollbook.Archive;

/// <summary>Where a Parquet file tells in which page a row of some columns lies: what its footer says of their offset indexes, and no more.</summary>
/// <remarks>https://github.com/apache/parquet-format/blob/master/PageIndex.md</remarks>
internal sealed class PageIndex
{
    private const int TailBytes = 8;
    private const int Zstd = 6;

    private readonly List<Chunk[]> _groups = [];
    private readonly List<long> _starts = [];
    private long _rows;

    private PageIndex()
    {
    }

    /// <summary>A column's part of a row group: where its offset index lies in the file.</summary>
    /// <param name="Offset">From the file's begin.</param>
    /// <param name="Length">Bytes; 0 = there is none.</param>
    private readonly record struct Chunk(long Offset, int Length);

    /// <summary>Reads a file's footer.</summary>
    /// <param name="file">The file.</param>
    /// <param name="columns">The columns that are wanted: flat ones.</param>
    /// <returns>Null where the file has no index of one of them, or they are not compressed by zstd.</returns>
    /// <exception cref="InvalidDataException">It is no Parquet file.</exception>
    public static PageIndex? Read(SafeFileHandle file, IReadOnlyList<byte[]> columns)
    {
        var length = RandomAccess.GetLength(file);
        if (length < TailBytes) throw new InvalidDataException("it is too short for a Parquet file");
        Span<byte> tail = stackalloc byte[TailBytes];
        Fill(file, tail, length - TailBytes);
        var bytes = BinaryPrimitives.ReadUInt32LittleEndian(tail);
        if (!tail[4..].SequenceEqual("PAR1"u8) || bytes > length - TailBytes) throw new InvalidDataException("it doesn't end as a Parquet file");
        var footer = new byte[bytes];
        Fill(file, footer, length - TailBytes - bytes);
        var index = new PageIndex();
        return index.ReadFooter(footer, columns) ? index : null;
    }

    /// <summary>Finds the page of a row.</summary>
    /// <param name="file">The file.</param>
    /// <param name="row">The row's place in the file, from 0.</param>
    /// <param name="column">Which of the columns that were asked for.</param>
    /// <exception cref="InvalidDataException">The file has no such row.</exception>
    public Location Find(SafeFileHandle file, long row, int column)
    {
        if (row < 0 || row >= _rows) throw new InvalidDataException($"it has no row {row}");
        var found = _starts.BinarySearch(row);
        var group = found >= 0 ? found : ~found - 1;
        var chunk = _groups[group][column];
        return Search(Slice(file, chunk.Offset, chunk.Length), row - _starts[group]);
    }

    private static void Fill(SafeFileHandle file, Span<byte> bytes, long offset)
    {
        while (bytes.Length > 0)
        {
            var read = offset < 0 ? 0 : RandomAccess.Read(file, bytes, offset);
            if (read == 0) throw new InvalidDataException("it ends too early");
            bytes = bytes[read..];
            offset += read;
        }
    }

    /// <summary>Reads a stretch of a file that something unproven tells of.</summary>
    /// <exception cref="InvalidDataException">It is none of the file.</exception>
    public static byte[] Slice(SafeFileHandle file, long offset, int length)
    {
        // Before anything is allocated: a flipped bit may make a gigabyte of it.
        if (length < 0 || offset < 0 || offset > RandomAccess.GetLength(file) - length) throw new InvalidDataException("it tells of bytes that it doesn't have");
        var bytes = new byte[length];
        Fill(file, bytes, offset);
        return bytes;
    }

    private static Location Search(byte[] bytes, long row)
    {
        var thrift = new CompactThrift(bytes);
        var best = default(Location);
        for (var id = 0; thrift.Next(ref id, out var kind);)
        {
            if (id != 1 || kind != Kind.List)
            {
                thrift.Skip(kind);
                continue;
            }

            for (var left = thrift.List(out _); left > 0; left--)
            {
                var (offset, length, first) = (0L, 0L, 0L);
                for (var field = 0; thrift.Next(ref field, out var type);)
                {
                    if (field == 1) offset = thrift.Integer();
                    else if (field == 2) length = thrift.Integer();
                    else if (field == 3) first = thrift.Integer();
                    else thrift.Skip(type);
                }

                if (first > row) return best;
                best = new Location(offset, checked((int)length), row - first);
            }
        }

        return best.Length > 0 ? best : throw new InvalidDataException($"its page index has no row {row}");
    }

    private bool ReadFooter(ReadOnlySpan<byte> footer, IReadOnlyList<byte[]> columns)
    {
        var thrift = new CompactThrift(footer);
        for (var id = 0; thrift.Next(ref id, out var kind);)
        {
            if (id != 4 || kind != Kind.List)
            {
                thrift.Skip(kind);
                continue;
            }

            for (var left = thrift.List(out _); left > 0; left--)
            {
                var chunks = new Chunk[columns.Count];
                _starts.Add(_rows);
                _rows += ReadGroup(ref thrift, columns, chunks);
                if (Array.Exists(chunks, static chunk => chunk.Length == 0)) return false;
                _groups.Add(chunks);
            }
        }

        return _groups.Count > 0;
    }

    private static long ReadGroup(ref CompactThrift thrift, IReadOnlyList<byte[]> columns, Chunk[] chunks)
    {
        long rows = 0;
        for (var id = 0; thrift.Next(ref id, out var kind);)
        {
            if (id == 1 && kind == Kind.List)
            {
                for (var left = thrift.List(out _); left > 0; left--) ReadChunk(ref thrift, columns, chunks);
            }
            else if (id == 3)
            {
                rows = thrift.Integer();
            }
            else
            {
                thrift.Skip(kind);
            }
        }

        return rows;
    }

    private static void ReadChunk(ref CompactThrift thrift, IReadOnlyList<byte[]> columns, Chunk[] chunks)
    {
        var (column, offset, length) = (-1, 0L, 0L);
        for (var id = 0; thrift.Next(ref id, out var kind);)
        {
            if (id == 3) column = ReadColumn(ref thrift, columns);
            else if (id == 4) offset = thrift.Integer();
            else if (id == 5) length = thrift.Integer();
            else thrift.Skip(kind);
        }

        if (column >= 0) chunks[column] = new Chunk(offset, checked((int)length));
    }

    /// <summary>Which of the wanted columns it is; -1 for another one, or one that is compressed in another way.</summary>
    private static int ReadColumn(ref CompactThrift thrift, IReadOnlyList<byte[]> columns)
    {
        var (column, codec) = (-1, 0L);
        for (var id = 0; thrift.Next(ref id, out var kind);)
        {
            if (id == 3 && kind == Kind.List)
            {
                var parts = thrift.List(out _);
                for (var part = 0; part < parts; part++)
                {
                    var name = thrift.Binary();
                    for (var i = 0; parts == 1 && i < columns.Count; i++)
                        if (name.SequenceEqual(columns[i])) column = i;
                }
            }
            else if (id == 4)
            {
                codec = thrift.Integer();
            }
            else
            {
                thrift.Skip(kind);
            }
        }

        return codec == Zstd ? column : -1;
    }

    /// <summary>A page, and a row's place in it.</summary>
    /// <param name="Offset">The page's header, from the file's begin.</param>
    /// <param name="Length">Bytes of header and content.</param>
    /// <param name="Row">The row's place among the page's rows, from 0.</param>
    public readonly record struct Location(long Offset, int Length, long Row);
}
