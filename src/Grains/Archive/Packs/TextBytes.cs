using System.Runtime.InteropServices;
using ParquetSharp;
using Rollbook.StepLog;

namespace Rollbook.Archive;

/// <summary>The texts of a column, one behind the other in memory that doesn't move, since the writer of the file takes addresses.</summary>
internal sealed class TextBytes
{
    private byte[] _bytes = [];
    private (int Start, int Length)[] _places = [];
    private ByteArray[] _addresses = [];
    private int _used;

    /// <summary>How many texts.</summary>
    public int Count { get; private set; }

    /// <summary>A text.</summary>
    public ReadOnlySpan<byte> this[int index] => _bytes.AsSpan(_places[index].Start, _places[index].Length);

    /// <summary>Adds a text.</summary>
    public void Add(ReadOnlySpan<byte> text) => text.CopyTo(Add(text.Length));

    /// <summary>Adds the last text again.</summary>
    public void Repeat()
    {
        if (Count == _places.Length) Array.Resize(ref _places, Math.Max(1024, Count * 2));
        _places[Count] = _places[Count - 1];
        Count++;
    }

    /// <summary>Adds a text that lies in the file reader's memory.</summary>
    public void Add(ByteArray text)
    {
        var target = Add(text.Length);
        if (text.Length > 0) Marshal.Copy(text.Pointer, _bytes, _used - target.Length, text.Length);
    }

    /// <summary>The texts' addresses, until the next one is added.</summary>
    public ReadOnlySpan<ByteArray> Addresses()
    {
        if (_addresses.Length < Count) _addresses = new ByteArray[_places.Length];
        var start = _bytes.Length == 0 ? 0 : Marshal.UnsafeAddrOfPinnedArrayElement(_bytes, 0);
        for (var i = 0; i < Count; i++) _addresses[i] = new ByteArray(start + _places[i].Start, _places[i].Length);
        return _addresses.AsSpan(0, Count);
    }

    /// <summary>Goes on with a CRC over all texts.</summary>
    public uint Crc(uint crc)
    {
        for (var i = 0; i < Count; i++)
        {
            var length = (uint)_places[i].Length;
            crc = Crc32C.Append(crc, MemoryMarshal.AsBytes(new ReadOnlySpan<uint>(in length)));
            crc = Crc32C.Append(crc, this[i]);
        }

        return crc;
    }

    /// <summary>Drops all texts.</summary>
    public void Clear() => (Count, _used) = (0, 0);

    private Span<byte> Add(int length)
    {
        if (Count == _places.Length) Array.Resize(ref _places, Math.Max(1024, Count * 2));
        if (_bytes.Length - _used < length)
        {
            var grown = GC.AllocateUninitializedArray<byte>(checked((int)Math.Max((long)_used + length, Math.Min(2L * _bytes.Length, Array.MaxLength))), pinned: true);
            _bytes.AsSpan(0, _used).CopyTo(grown);
            _bytes = grown;
        }

        _places[Count++] = (_used, length);
        _used += length;
        return _bytes.AsSpan(_used - length, length);
    }
}
