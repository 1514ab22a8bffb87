namespace Rollbook.Client;

/// <summary>Encoded steps in somebody else's memory.</summary>
internal readonly ref struct EncodedSpan(int count, ReadOnlySpan<byte> bytes)
{
    /// <summary>How many steps.</summary>
    public int Count { get; } = count;

    /// <summary>Their entries.</summary>
    public ReadOnlySpan<byte> Bytes { get; } = bytes;
}
