using Microsoft.Win32.SafeHandles;

namespace Rollbook.Archive;

/// <summary>Reads single texts of a Parquet file by their rows: of each no more than the page in which it lies. One caller at a time.</summary>
internal sealed class PagedTexts : IDisposable
{
    private readonly string _path;
    private readonly SafeFileHandle _file;
    private readonly PageIndex _index;
    private readonly ZstdSharp.Decompressor _zstd = new();
    private readonly Dictionary<int, (long Offset, TextPage Page)> _last = [];

    private PagedTexts(string path, SafeFileHandle file, PageIndex index) => (_path, _file, _index) = (path, file, index);

    /// <summary>Opens a file. The caller disposes it.</summary>
    /// <param name="path">The file.</param>
    /// <param name="index">Its index, as <see cref="IndexOf"/> read it.</param>
    public static PagedTexts Open(string path, PageIndex index) => new(path, File.OpenHandle(path), index);

    /// <summary>Reads a file's index.</summary>
    /// <param name="path">The file.</param>
    /// <param name="columns">The optional columns of texts that are wanted, in the order in which they are asked for.</param>
    /// <returns>Null where another writer laid the file out in another way.</returns>
    /// <exception cref="PackDamagedException">It is no Parquet file.</exception>
    public static PageIndex? IndexOf(string path, IReadOnlyList<byte[]> columns)
    {
        try
        {
            using var file = File.OpenHandle(path);
            return PageIndex.Read(file, columns);
        }
        catch (Exception error) when (error is InvalidDataException or OverflowException)
        {
            throw new PackDamagedException(path, null, error.Message, error);
        }
    }

    /// <summary>Reads the text of a row.</summary>
    /// <param name="row">The row's place in the file, from 0.</param>
    /// <param name="column">Which column, from 0.</param>
    /// <param name="text">The text; null for none.</param>
    /// <returns>False where its page is laid out in another way.</returns>
    /// <exception cref="PackDamagedException">It is not what was written.</exception>
    public bool TryRead(long row, int column, out string? text)
    {
        try
        {
            text = null;
            var place = _index.Find(_file, row, column);
            if (!_last.TryGetValue(column, out var last) || last.Offset != place.Offset)
            {
                if (TextPage.Read(PageIndex.Slice(_file, place.Offset, place.Length), _zstd) is not { } page) return false;
                _last[column] = last = (place.Offset, page);
            }

            text = last.Page[place.Row];
            return true;
        }
        catch (Exception error) when (error is InvalidDataException or OverflowException or ZstdSharp.ZstdException)
        {
            throw new PackDamagedException(_path, row, error.Message, error);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _zstd.Dispose();
        _file.Dispose();
    }
}
