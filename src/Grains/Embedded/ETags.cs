using System.Buffers.Text;
using System.Security.Cryptography;

namespace Rollbook.Embedded;

/// <summary>ETags are random, never counters: two rows, or two lives of one row, never share one.</summary>
internal static class ETags
{
    /// <summary>128 random bits, 22 characters.</summary>
    public static string New()
    {
        Span<byte> bytes = stackalloc byte[16];
        RandomNumberGenerator.Fill(bytes);
        return Base64Url.EncodeToString(bytes);
    }
}
