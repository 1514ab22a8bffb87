namespace Rollbook;

/// <summary>A part of a large value.</summary>
/// <param name="Code">Ok, or <see cref="RollbookCode.UnknownBlob"/>: there is none of this hash.</param>
/// <param name="Total">The bytes of the whole value.</param>
/// <param name="Bytes">The part; empty at the value's end.</param>
[GenerateSerializer, Immutable, Alias("rollbook.BlobPage")]
public readonly record struct BlobPage([property: Id(0)] RollbookCode Code, [property: Id(1)] long Total, [property: Id(2)] ReadOnlyMemory<byte> Bytes);
