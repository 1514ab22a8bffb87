using System.Runtime.InteropServices;
using ParquetSharp;
using ParquetSharp.Schema;
using Rollbook.StepLog;

namespace Rollbook.Archive;

/// <summary>A column of numbers or truths.</summary>
/// <typeparam name="T"><see cref="long"/>, <see cref="int"/>, <see cref="double"/> or <see cref="bool"/>.</typeparam>
internal sealed class ValueColumn<T>(string name, bool isOptional, PackEncoding encoding) : PackColumn(name, isOptional, encoding)
    where T : unmanaged
{
    private static readonly PhysicalType Physical =
        typeof(T) == typeof(long) ? PhysicalType.Int64
        : typeof(T) == typeof(int) ? PhysicalType.Int32
        : typeof(T) == typeof(double) ? PhysicalType.Double
        : PhysicalType.Boolean;

    private T[] _values = [];
    private T[] _packed = [];
    private short[] _levels = [];

    /// <summary>The value of a row; null for none.</summary>
    public T? this[int row] => _levels[row] != 0 ? _values[row] : null;

    /// <summary>The value of a row that has one.</summary>
    public T At(int row) => _values[row];

    /// <summary>Adds a row.</summary>
    public void Add(T? value)
    {
        Grow(ref _values, Rows);
        Grow(ref _levels, Rows);
        _values[Rows] = value.GetValueOrDefault();
        _levels[Rows++] = value is null ? (short)0 : (short)1;
    }

    public override Node ToNode()
    {
        using var none = LogicalType.None();
        return new PrimitiveNode(Name, Repetition, none, Physical);
    }

    public override bool Fits(ColumnDescriptor column) =>
        column.PhysicalType == Physical && column.MaxRepetitionLevel == 0 && column.MaxDefinitionLevel == (IsOptional ? 1 : 0);

    public override void Write(ColumnWriter writer)
    {
        var typed = (ColumnWriter<T>)writer;
        if (!IsOptional)
        {
            typed.WriteBatch(_values.AsSpan(0, Rows));
            return;
        }

        Reserve(ref _packed, Rows);
        var packed = 0;
        for (var row = 0; row < Rows; row++)
        {
            if (_levels[row] != 0) _packed[packed++] = _values[row];
        }

        typed.WriteBatch(Rows, _levels.AsSpan(0, Rows), default, _packed.AsSpan(0, packed));
    }

    public override void Read(ColumnReader reader, int from, int count)
    {
        var typed = (ColumnReader<T>)reader;
        Reserve(ref _values, count);
        Reserve(ref _packed, count);
        Reserve(ref _levels, count);
        Skip(reader, from);
        for (Rows = 0; Rows < count;)
        {
            var left = count - Rows;
            var levels = _levels.AsSpan(Rows, left);
            var read = (int)typed.ReadBatch(left, IsOptional ? levels : default, default, _packed.AsSpan(0, left), out var values);
            if (read <= 0) throw Short();
            if (!IsOptional) levels[..read].Fill(1);
            var next = 0;
            for (var i = 0; i < read; i++) _values[Rows + i] = levels[i] != 0 ? _packed[next++] : default;
            if (next != values) throw Short();
            Rows += read;
        }
    }

    public override void Fill(int rows)
    {
        Clear();
        for (var i = 0; i < rows; i++) Add(null);
    }

    public override uint Crc(uint crc)
    {
        crc = Crc32C.Append(crc, MemoryMarshal.AsBytes(_values.AsSpan(0, Rows)));
        return Crc32C.Append(crc, MemoryMarshal.AsBytes(_levels.AsSpan(0, Rows)));
    }
}
