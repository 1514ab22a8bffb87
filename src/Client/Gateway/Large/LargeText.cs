using System.Security.Cryptography;

namespace Rollbook.Client;

/// <summary>A text that is kept beside its step, by its hash.</summary>
/// <param name="Sha256">The hash of its bytes, 64 lower-case hexadecimal digits.</param>
/// <param name="Utf8">The bytes.</param>
internal sealed record LargeText(string Sha256, ReadOnlyMemory<byte> Utf8)
{
    /// <summary>What is longer, in UTF-8, doesn't stay in its step: 256 KiB.</summary>
    public const int MaxInline = 256 * 1024;

    /// <summary>What is longer is too much for the recorder: 64 MiB.</summary>
    public const int MaxBytes = 64 * 1024 * 1024;

    /// <summary>The bytes of some; null = none.</summary>
    public static long Bytes(IReadOnlyList<LargeText>? texts) => texts?.Sum(static text => (long)text.Utf8.Length) ?? 0;

    /// <summary>The text of these bytes.</summary>
    public static LargeText Of(ReadOnlyMemory<byte> utf8) => new(Convert.ToHexStringLower(SHA256.HashData(utf8.Span)), utf8);
}
