namespace Rollbook.Client;

/// <summary>Encoded steps in somebody else's memory.</summary>
/// <param name="count">How many.</param>
/// <param name="bytes">Their entries.</param>
/// <param name="texts">The large texts that they name and that have to be kept first; null = none.</param>
internal readonly ref struct EncodedSpan(int count, ReadOnlySpan<byte> bytes, IReadOnlyList<LargeText>? texts = null)
{
    /// <summary>How many steps.</summary>
    public int Count { get; } = count;

    /// <summary>Their entries.</summary>
    public ReadOnlySpan<byte> Bytes { get; } = bytes;

    /// <summary>The large texts that they name and that have to be kept first; null = none.</summary>
    public IReadOnlyList<LargeText>? Texts { get; } = texts;

    /// <summary>The bytes that they keep in memory.</summary>
    public long Weight => Bytes.Length + LargeText.Bytes(Texts);
}
