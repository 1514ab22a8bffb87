namespace Rollbook.Testing;

/// <summary>ETags of the in-memory stores: as unlike each other as random ones, but the same in every run of a seed.</summary>
internal static class SeededETag
{
    public static string Next(Random random)
    {
        Span<byte> bytes = stackalloc byte[16];
        random.NextBytes(bytes);
        return Convert.ToHexStringLower(bytes);
    }
}
