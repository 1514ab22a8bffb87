using System.Security.Cryptography;
using Rollbook.Testing;

namespace Rollbook.Silo.Tests.Http.Blobs;

/// <summary>A large value is never in memory whole.</summary>
[Collection(nameof(AloneCollection))]
public sealed class BlobMemoryTests
{
    private const int Bytes = 64 * 1024 * 1024;

    // A quarter of the value, for sender and recorder together, which both live in this process.
    private const long Most = 16 * 1024 * 1024;

    [Fact]
    public async Task PutAndGet_OfTheLargestValue_AllocateLessThanAQuarterOfIt()
    {
        using var directory = new TempDirectory();
        await using var server = await SiloServer.StartAsync(directory.Path);
        var hash = Convert.ToHexStringLower(await SHA256.HashDataAsync(new ZeroStream(Bytes)));
        // Connections, pools and compiled code are there from here on.
        using (var other = await server.Client.PutAsync($"/v1/blobs/{new string('0', 64)}", new ZeroContent(1_000_000, announced: true)))
            Assert.Equal(400, (int)other.StatusCode);

        var before = GC.GetTotalAllocatedBytes(precise: true);
        using (var put = await server.Client.PutAsync($"/v1/blobs/{hash}", new ZeroContent(Bytes, announced: true))) Assert.Equal(200, (int)put.StatusCode);
        var allocatedByPut = GC.GetTotalAllocatedBytes(precise: true) - before;

        before = GC.GetTotalAllocatedBytes(precise: true);
        await using (var stream = await server.Client.GetStreamAsync($"/v1/blobs/{hash}")) Assert.Equal(hash, Convert.ToHexStringLower(await SHA256.HashDataAsync(stream)));
        var allocatedByGet = GC.GetTotalAllocatedBytes(precise: true) - before;

        Figures.Report("blobs", $"64 MiB put: {allocatedByPut / 1024:N0} KiB allocated by sender and recorder together; read: {allocatedByGet / 1024:N0} KiB");
        Assert.InRange(allocatedByPut, 0, Most);
        Assert.InRange(allocatedByGet, 0, Most);
    }

    private sealed class ZeroStream(long length) : Stream
    {
        private long left = length;

        public override bool CanRead => true;

        public override bool CanSeek => false;

        public override bool CanWrite => false;

        public override long Length => throw new NotSupportedException();

        public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

        public override int Read(byte[] buffer, int offset, int count)
        {
            var read = (int)Math.Min(left, count);
            buffer.AsSpan(offset, read).Clear();
            left -= read;
            return read;
        }

        public override void Flush()
        {
        }

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
    }
}
