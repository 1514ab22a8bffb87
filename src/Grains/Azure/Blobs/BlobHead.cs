using Azure;

namespace Rollbook.Azure;

/// <summary>A blob's first bytes, and what was said of it with them.</summary>
/// <param name="Bytes">The bytes.</param>
/// <param name="Length">The whole blob's length.</param>
/// <param name="ETag">Its version.</param>
internal sealed record BlobHead(byte[] Bytes, long Length, ETag ETag);
