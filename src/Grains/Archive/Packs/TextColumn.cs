using System.Runtime.InteropServices;
using ParquetSharp;
using ParquetSharp.Schema;
using Rollbook.StepLog;

namespace Rollbook.Archive;

/// <summary>A column of texts in UTF-8.</summary>
internal sealed class TextColumn(string name, bool isOptional, PackEncoding encoding) : PackColumn(name, isOptional, encoding)
{
    private readonly TextBytes _texts = new();
    private int[] _index = [];
    private short[] _levels = [];
    private ByteArray[] _batch = [];

    /// <summary>Whether a row has a text.</summary>
    public bool Has(int row) => _levels[row] != 0;

    /// <summary>The text of a row that has one.</summary>
    public ReadOnlySpan<byte> this[int row] => _texts[_index[row]];

    /// <summary>The text of a row as a string; null for none.</summary>
    public string? String(int row) => Has(row) ? System.Text.Encoding.UTF8.GetString(this[row]) : null;

    /// <summary>Adds a row.</summary>
    public void Add(ReadOnlySpan<byte> text)
    {
        Row(1);
        _texts.Add(text);
    }

    /// <summary>Adds a row; null for none.</summary>
    public void Add(string? text)
    {
        if (text is null) AddNone();
        else Add(System.Text.Encoding.UTF8.GetBytes(text));
    }

    /// <summary>Adds a row without a text.</summary>
    public void AddNone() => Row(0);

    /// <summary>Adds a row with the last row's text, which has one.</summary>
    public void Repeat()
    {
        Row(1);
        _texts.Repeat();
    }

    public override Node ToNode()
    {
        using var text = LogicalType.String();
        return new PrimitiveNode(Name, Repetition, text, PhysicalType.ByteArray);
    }

    public override bool Fits(ColumnDescriptor column) =>
        column.PhysicalType == PhysicalType.ByteArray && column.MaxRepetitionLevel == 0 && column.MaxDefinitionLevel == (IsOptional ? 1 : 0);

    public override void Write(ColumnWriter writer)
    {
        var typed = (ColumnWriter<ByteArray>)writer;
        if (IsOptional) typed.WriteBatch(Rows, _levels.AsSpan(0, Rows), default, _texts.Addresses());
        else typed.WriteBatch(_texts.Addresses());
    }

    public override void Read(ColumnReader reader, int from, int count)
    {
        var typed = (ColumnReader<ByteArray>)reader;
        Clear();
        Reserve(ref _levels, count);
        Reserve(ref _index, count);
        Reserve(ref _batch, count);
        Skip(reader, from);
        while (Rows < count)
        {
            var left = count - Rows;
            var levels = _levels.AsSpan(Rows, left);
            var read = (int)typed.ReadBatch(left, IsOptional ? levels : default, default, _batch.AsSpan(0, left), out var values);
            if (read <= 0) throw Short();
            if (!IsOptional) levels[..read].Fill(1);
            var next = 0;
            for (var i = 0; i < read; i++)
            {
                if (levels[i] == 0) continue;
                _index[Rows + i] = _texts.Count;
                _texts.Add(_batch[next++]);
            }

            if (next != values) throw Short();
            Rows += read;
        }
    }

    public override void Clear()
    {
        base.Clear();
        _texts.Clear();
    }

    public override void Fill(int rows)
    {
        Clear();
        for (var i = 0; i < rows; i++) AddNone();
    }

    public override uint Crc(uint crc) => Crc32C.Append(_texts.Crc(crc), MemoryMarshal.AsBytes(_levels.AsSpan(0, Rows)));

    private void Row(short level)
    {
        Grow(ref _levels, Rows);
        Grow(ref _index, Rows);
        _index[Rows] = level == 0 ? -1 : _texts.Count;
        _levels[Rows++] = level;
    }
}
