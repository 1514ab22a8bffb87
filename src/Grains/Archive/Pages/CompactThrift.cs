namespace Rollbook.Archive;

/// <summary>Walks over structures in Thrift's compact protocol, in which Parquet tells of itself. Each method throws <see cref="InvalidDataException"/> for bytes that are none.</summary>
/// <remarks>https://github.com/apache/thrift/blob/master/doc/specs/thrift-compact-protocol.md</remarks>
internal ref struct CompactThrift(ReadOnlySpan<byte> bytes)
{
    private const int DeepestNesting = 16;

    private readonly ReadOnlySpan<byte> _bytes = bytes;

    /// <summary>Types of fields and elements.</summary>
    public enum Kind
    {
        /// <summary>Ends a structure.</summary>
        Stop,

        /// <summary>A boolean, whose value is its type.</summary>
        True,

        /// <summary>The same.</summary>
        False,

        /// <summary>A byte.</summary>
        Byte,

        /// <summary>A whole number, zigzag.</summary>
        Int16,

        /// <summary>The same.</summary>
        Int32,

        /// <summary>The same.</summary>
        Int64,

        /// <summary>Eight bytes.</summary>
        Double,

        /// <summary>A length and bytes.</summary>
        Binary,

        /// <summary>A head and elements.</summary>
        List,

        /// <summary>The same.</summary>
        Set,

        /// <summary>Keys and values.</summary>
        Map,

        /// <summary>Fields.</summary>
        Struct,
    }

    /// <summary>How many bytes were walked over.</summary>
    public int Position { get; private set; }

    /// <summary>Goes to a structure's next field.</summary>
    /// <param name="id">The last field's number, at first 0; becomes this one's.</param>
    /// <param name="kind">Its type.</param>
    /// <returns>False where the structure ends.</returns>
    public bool Next(ref int id, out Kind kind)
    {
        var head = Byte();
        kind = (Kind)(head & 15);
        if (kind == Kind.Stop) return false;
        if (kind > Kind.Struct) throw Bad();
        id = head >> 4 is var delta and > 0 ? id + delta : (int)Integer();
        return true;
    }

    /// <summary>Goes into a list: so many elements of one type follow.</summary>
    public int List(out Kind kind)
    {
        var head = Byte();
        kind = (Kind)(head & 15);
        var count = head >> 4 is var few and < 15 ? (ulong)few : Varint();
        // An element has at least one byte, but for booleans, of which Parquet has no lists.
        return count <= (ulong)(_bytes.Length - Position) ? (int)count : throw Bad();
    }

    /// <summary>A whole number of any width.</summary>
    public long Integer()
    {
        var zigzag = Varint();
        return (long)(zigzag >> 1) ^ -(long)(zigzag & 1);
    }

    /// <summary>The bytes of a text.</summary>
    public ReadOnlySpan<byte> Binary()
    {
        var length = Varint();
        if (length > (ulong)(_bytes.Length - Position)) throw Bad();
        var text = _bytes.Slice(Position, (int)length);
        Position += (int)length;
        return text;
    }

    /// <summary>Passes over a value.</summary>
    public void Skip(Kind kind) => Skip(kind, isElement: false, 0);

    private static InvalidDataException Bad() => new("its metadata is no Thrift");

    private void Skip(Kind kind, bool isElement, int depth)
    {
        if (depth > DeepestNesting) throw Bad();
        switch (kind)
        {
            case Kind.True or Kind.False when !isElement:
                break;
            case Kind.True or Kind.False or Kind.Byte:
                Byte();
                break;
            case Kind.Int16 or Kind.Int32 or Kind.Int64:
                Varint();
                break;
            case Kind.Double:
                if (_bytes.Length - Position < sizeof(double)) throw Bad();
                Position += sizeof(double);
                break;
            case Kind.Binary:
                Binary();
                break;
            case Kind.List or Kind.Set:
                for (var left = List(out var element); left > 0; left--) Skip(element, isElement: true, depth + 1);
                break;
            case Kind.Struct:
                for (var id = 0; Next(ref id, out var field);) Skip(field, isElement: false, depth + 1);
                break;
            default:
                // Parquet has no maps.
                throw Bad();
        }
    }

    private byte Byte() => Position < _bytes.Length ? _bytes[Position++] : throw Bad();

    private ulong Varint()
    {
        ulong value = 0;
        for (var shift = 0; shift < 64; shift += 7)
        {
            var next = Byte();
            value |= (ulong)(next & 127) << shift;
            if (next < 128) return value;
        }

        throw Bad();
    }
}
