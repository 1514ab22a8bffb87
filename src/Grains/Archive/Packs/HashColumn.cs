using System.Buffers.Binary;
using System.Runtime.InteropServices;
using ParquetSharp;
using ParquetSharp.Schema;
using Rollbook.StepLog;

namespace Rollbook.Archive;

/// <summary>A column of hashes of 16 bytes, most significant first.</summary>
internal sealed class HashColumn(string name) : PackColumn(name, false, PackEncoding.Raw)
{
    private const int Bytes = 16;
    private byte[] _bytes = [];
    private FixedLenByteArray[] _addresses = [];

    /// <summary>The hash of a row.</summary>
    public UInt128 this[int row] => BinaryPrimitives.ReadUInt128BigEndian(_bytes.AsSpan(row * Bytes, Bytes));

    /// <summary>Adds a row.</summary>
    public void Add(UInt128 hash)
    {
        if (_bytes.Length < (Rows + 1) * Bytes)
        {
            var grown = GC.AllocateUninitializedArray<byte>(Math.Max(1024, 2 * Rows) * Bytes, pinned: true);
            _bytes.AsSpan(0, Rows * Bytes).CopyTo(grown);
            _bytes = grown;
        }

        BinaryPrimitives.WriteUInt128BigEndian(_bytes.AsSpan(Rows++ * Bytes), hash);
    }

    public override Node ToNode()
    {
        using var none = LogicalType.None();
        return new PrimitiveNode(Name, Repetition, none, PhysicalType.FixedLenByteArray, Bytes);
    }

    public override bool Fits(ColumnDescriptor column) =>
        column is { PhysicalType: PhysicalType.FixedLenByteArray, TypeLength: Bytes, MaxRepetitionLevel: 0, MaxDefinitionLevel: 0 };

    public override void Write(ColumnWriter writer)
    {
        Reserve(ref _addresses, Rows);
        var start = Rows == 0 ? 0 : Marshal.UnsafeAddrOfPinnedArrayElement(_bytes, 0);
        for (var row = 0; row < Rows; row++) _addresses[row] = new FixedLenByteArray(start + (row * Bytes));
        ((ColumnWriter<FixedLenByteArray>)writer).WriteBatch(_addresses.AsSpan(0, Rows));
    }

    public override void Read(ColumnReader reader, int from, int count)
    {
        var typed = (ColumnReader<FixedLenByteArray>)reader;
        Reserve(ref _bytes, count * Bytes);
        Reserve(ref _addresses, count);
        Skip(reader, from);
        for (Rows = 0; Rows < count;)
        {
            var read = (int)typed.ReadBatch(count - Rows, default, default, _addresses.AsSpan(0, count - Rows), out var values);
            if (read <= 0 || values != read) throw Short();
            for (var i = 0; i < read; i++) Marshal.Copy(_addresses[i].Pointer, _bytes, (Rows + i) * Bytes, Bytes);
            Rows += read;
        }
    }

    public override void Fill(int rows)
    {
        Clear();
        for (var i = 0; i < rows; i++) Add(0);
    }

    public override uint Crc(uint crc) => Crc32C.Append(crc, _bytes.AsSpan(0, Rows * Bytes));
}
