using System.Net;

namespace Rollbook.Silo.Tests.Http.Blobs;

/// <summary>So many zeros, made while they are sent.</summary>
/// <param name="bytes">How many.</param>
/// <param name="announced">Whether the length goes before them; else they are chunked.</param>
internal sealed class ZeroContent(long bytes, bool announced) : HttpContent
{
    private static readonly byte[] Piece = new byte[64 * 1024];

    protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context)
    {
        for (var left = bytes; left > 0; left -= Piece.Length) await stream.WriteAsync(Piece.AsMemory(0, (int)Math.Min(left, Piece.Length)));
    }

    protected override bool TryComputeLength(out long length)
    {
        length = announced ? bytes : 0;
        return announced;
    }
}
