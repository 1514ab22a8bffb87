using System.Security.Cryptography;

namespace Rollbook.Archive;

/// <summary>The ETag of stores that have none of their own: it stands for the content.</summary>
internal static class ContentETag
{
    public static string Of(ReadOnlySpan<byte> content) => Convert.ToHexStringLower(SHA256.HashData(content));

    /// <summary>Of a stream that can seek, from its start; afterwards it stands where it stood.</summary>
    public static string Of(Stream content)
    {
        var at = content.Position;
        content.Position = 0;
        var etag = Convert.ToHexStringLower(SHA256.HashData(content));
        content.Position = at;
        return etag;
    }
}
