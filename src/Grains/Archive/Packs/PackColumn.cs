using ParquetSharp;
using ParquetSharp.Schema;

namespace Rollbook.Archive;

/// <summary>A column of a file: the values of the rows of one row group, on their way in or out. Used again for each row group.</summary>
/// <param name="name">Its name in the file.</param>
/// <param name="isOptional">Whether a row may be without a value.</param>
/// <param name="encoding">How it is laid out.</param>
internal abstract class PackColumn(string name, bool isOptional, PackEncoding encoding)
{
    /// <summary>Its name in the file.</summary>
    public string Name => name;

    /// <summary>Whether a row may be without a value.</summary>
    public bool IsOptional => isOptional;

    /// <summary>How it is laid out.</summary>
    public PackEncoding Encoding => encoding;

    /// <summary>Whether the file tells the least and the greatest value of each row group and page. Of long texts nobody asks, and they would be told in full.</summary>
    public bool HasStatistics { get; init; } = true;

    /// <summary>The path of the values in the file's schema.</summary>
    public virtual string Path => name;

    /// <summary>How many rows it holds.</summary>
    public int Rows { get; protected set; }

    /// <summary>Whether a row may lack a value.</summary>
    protected Repetition Repetition => isOptional ? Repetition.Optional : Repetition.Required;

    /// <summary>Its part of the file's schema.</summary>
    public abstract Node ToNode();

    /// <summary>Whether a file's column is of this one's type.</summary>
    public abstract bool Fits(ColumnDescriptor column);

    /// <summary>Writes all rows.</summary>
    public abstract void Write(ColumnWriter writer);

    /// <summary>Replaces the rows by some of a file's.</summary>
    /// <param name="reader">Stands at the row group's start.</param>
    /// <param name="from">The first row within the row group.</param>
    /// <param name="count">How many.</param>
    /// <exception cref="InvalidDataException">It has fewer.</exception>
    public abstract void Read(ColumnReader reader, int from, int count);

    /// <summary>Drops all rows.</summary>
    public virtual void Clear() => Rows = 0;

    /// <summary>Gives rows no value, where the file has no such column.</summary>
    public abstract void Fill(int rows);

    /// <summary>Goes on with a CRC over all rows.</summary>
    public abstract uint Crc(uint crc);

    /// <summary>Passes rows by.</summary>
    protected static void Skip(ColumnReader reader, int rows)
    {
        for (var left = (long)rows; left > 0;)
        {
            var skipped = reader.Skip(left);
            if (skipped <= 0) throw Short();
            left -= skipped;
        }
    }

    /// <summary>What is thrown where a column ends too early.</summary>
    protected static InvalidDataException Short() => new("A column has fewer rows than its row group.");

    /// <summary>Makes room for one more.</summary>
    protected static void Grow<T>(ref T[] array, int used)
    {
        if (used == array.Length) Array.Resize(ref array, Math.Max(1024, used * 2));
    }

    /// <summary>Makes room for so many, whatever was in it.</summary>
    protected static void Reserve<T>(ref T[] array, int length)
    {
        if (array.Length < length) array = new T[length];
    }
}
