using System.Runtime.InteropServices;
using ParquetSharp;
using ParquetSharp.Schema;
using Rollbook.StepLog;

namespace Rollbook.Archive;

/// <summary>A column of lists of texts; a list may be empty, which is not the same as none.</summary>
internal sealed class TextListColumn(string name) : PackColumn(name, true, PackEncoding.Dictionary)
{
    // Levels of the format: no list, an empty one, an element.
    private const short None = 0;
    private const short Empty = 1;
    private const short Element = 2;

    private readonly TextBytes _texts = new();
    private (int First, int Count)[] _lists = [];
    private short[] _definitions = [];
    private short[] _repetitions = [];
    private ByteArray[] _batch = [];
    private int _entries;

    public override string Path => $"{Name}.list.element";

    /// <summary>How many texts a row's list has; null for no list.</summary>
    public int? CountOf(int row) => _lists[row].Count < 0 ? null : _lists[row].Count;

    /// <summary>A text of a row's list.</summary>
    public ReadOnlySpan<byte> Text(int row, int index) => _texts[_lists[row].First + index];

    /// <summary>A row's list; empty for none.</summary>
    public string[] Strings(int row) =>
        [.. Enumerable.Range(0, CountOf(row) ?? 0).Select(i => System.Text.Encoding.UTF8.GetString(Text(row, i)))];

    /// <summary>Adds a row without a list.</summary>
    public void AddNone() => Begin(-1, None);

    /// <summary>Adds a row with an empty list, to which texts may be added.</summary>
    public void AddList() => Begin(0, Empty);

    /// <summary>Adds a text to the last row's list.</summary>
    public void AddText(ReadOnlySpan<byte> text)
    {
        ref var list = ref _lists[Rows - 1];
        _texts.Add(text);
        if (list.Count++ == 0) _definitions[_entries - 1] = Element;
        else Entry(Element, 1);
    }

    public override Node ToNode()
    {
        using var text = LogicalType.String();
        using var list = LogicalType.List();
        using var element = new PrimitiveNode("element", Repetition.Required, text, PhysicalType.ByteArray);
        using var repeated = new GroupNode("list", Repetition.Repeated, [element]);
        return new GroupNode(Name, Repetition.Optional, [repeated], list);
    }

    public override bool Fits(ColumnDescriptor column) => column is { PhysicalType: PhysicalType.ByteArray, MaxRepetitionLevel: 1, MaxDefinitionLevel: Element };

    public override void Write(ColumnWriter writer) =>
        ((ColumnWriter<ByteArray>)writer).WriteBatch(_entries, _definitions.AsSpan(0, _entries), _repetitions.AsSpan(0, _entries), _texts.Addresses());

    public override void Read(ColumnReader reader, int from, int count)
    {
        var typed = (ColumnReader<ByteArray>)reader;
        const int Batch = 1024;
        Span<short> definitions = stackalloc short[Batch];
        Span<short> repetitions = stackalloc short[Batch];
        Reserve(ref _batch, Batch);
        Clear();
        // Rows are counted by what is read: the reader skips elements, not lists.
        for (var row = -1; typed.HasNext && row < from + count;)
        {
            var read = (int)typed.ReadBatch(Batch, definitions, repetitions, _batch, out _);
            if (read <= 0) break;
            var next = 0;
            for (var i = 0; i < read; i++)
            {
                if (repetitions[i] == 0) row++;
                var isWanted = row >= from && row < from + count;
                if (isWanted && repetitions[i] == 0)
                {
                    if (definitions[i] == None) AddNone();
                    else AddList();
                }

                if (definitions[i] != Element) continue;
                if (isWanted && Rows == 0) throw Short();
                if (isWanted) AddText(_batch[next]);
                next++;
            }
        }

        if (Rows != count) throw Short();
    }

    public override void Clear()
    {
        base.Clear();
        _texts.Clear();
        _entries = 0;
    }

    public override void Fill(int rows)
    {
        Clear();
        for (var i = 0; i < rows; i++) AddNone();
    }

    public override uint Crc(uint crc)
    {
        crc = Crc32C.Append(_texts.Crc(crc), MemoryMarshal.AsBytes(_definitions.AsSpan(0, _entries)));
        return Crc32C.Append(crc, MemoryMarshal.AsBytes(_repetitions.AsSpan(0, _entries)));
    }

    private void AddText(ByteArray text)
    {
        ref var list = ref _lists[Rows - 1];
        _texts.Add(text);
        if (list.Count++ == 0) _definitions[_entries - 1] = Element;
        else Entry(Element, 1);
    }

    private void Begin(int count, short definition)
    {
        Grow(ref _lists, Rows);
        _lists[Rows++] = (_texts.Count, count);
        Entry(definition, 0);
    }

    private void Entry(short definition, short repetition)
    {
        Grow(ref _definitions, _entries);
        Grow(ref _repetitions, _entries);
        _definitions[_entries] = definition;
        _repetitions[_entries++] = repetition;
    }
}
