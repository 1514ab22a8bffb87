namespace Rollbook;

/// <summary>A piece of a large value on its way to the recorder.</summary>
/// <param name="Total">The bytes of the whole value, at least 1 and at most 64 MiB.</param>
/// <param name="Offset">The place of the piece's first byte.</param>
/// <param name="Bytes">The piece, at least one byte. Whoever makes it never writes them again.</param>
[GenerateSerializer, Immutable, Alias("rollbook.BlobPiece")]
public readonly record struct BlobPiece([property: Id(0)] long Total, [property: Id(1)] long Offset, [property: Id(2)] ReadOnlyMemory<byte> Bytes)
{
    /// <summary>The most bytes of a piece: the call that carries it stays below 1 MiB.</summary>
    public const int MaxBytes = 1020 * 1024;
}
