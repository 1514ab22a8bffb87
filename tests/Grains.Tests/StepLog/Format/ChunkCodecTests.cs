using Rollbook.Grains.Tests.Golden;
using Rollbook.StepLog;
using Xunit;

namespace Rollbook.Grains.Tests.StepLog.Format;

public sealed class ChunkCodecTests
{
    private static readonly ChunkAddress At = new(7, 2, 1024);

    [Fact]
    public void Seal_OfAChunk_GivesTheGoldenBytes() => GoldenFile.AssertWritten("chunk-v1.bin", Chunk());

    [Fact]
    public void TryOpen_OfTheGoldenChunk_GivesEveryField()
    {
        var bytes = GoldenFile.Read("chunk-v1.bin");

        Assert.True(ChunkCodec.TryOpen(bytes, out var header));

        Assert.Equal(GoldenValues.Log, header.Log);
        Assert.Equal(At, header.Address);
        Assert.Equal(0xC0FFEEu, header.PreviousCrc);
        Assert.Equal(2, header.FrameCount);
        Assert.Equal(Frames().Sum(static f => f.Length), header.FrameBytes);
        Assert.Equal(bytes.Length, ChunkCodec.PaddedLength(header.FrameBytes));
    }

    [Fact]
    public void TryOpen_WithAnyByteOfHeaderOrFramesFlipped_Refuses()
    {
        var chunk = Chunk();
        var used = ChunkCodec.HeaderSize + Frames().Sum(static f => f.Length);
        for (var at = 0; at < used; at++)
        {
            for (var bit = 0; bit < 8; bit++)
            {
                chunk[at] ^= (byte)(1 << bit);
                Assert.False(ChunkCodec.TryOpen(chunk, out _), $"byte {at}, bit {bit}");
                chunk[at] ^= (byte)(1 << bit);
            }
        }

        Assert.True(ChunkCodec.TryOpen(chunk, out _));
    }

    [Fact]
    public void TryOpen_WithFramesInAnotherOrder_Refuses()
    {
        var chunk = Chunk();
        var frames = Frames();
        frames[1].CopyTo(chunk, ChunkCodec.HeaderSize);
        frames[0].CopyTo(chunk, ChunkCodec.HeaderSize + frames[1].Length);

        Assert.False(ChunkCodec.TryOpen(chunk, out _));
    }

    [Fact]
    public void TryOpen_WithAFrameOfAnotherVersion_ProvesTheChunk()
    {
        var newer = GoldenValues.AsNewer(GoldenValues.StepsFrame(), version: 2);

        var chunk = GoldenValues.Chunk(At, 0, GoldenValues.StepsFrame(), newer);

        Assert.True(ChunkCodec.TryOpen(chunk, out var header));
        Assert.Equal(2, header.FrameCount);
    }

    [Fact]
    public void Peek_OfAnotherVersion_SaysSo()
    {
        var chunk = Chunk();
        chunk[8] = 2;

        Assert.Equal(ChunkLook.OtherVersion, ChunkCodec.Peek(chunk, out _));
    }

    [Fact]
    public async Task ReadAsync_OfAChunkOfAnotherVersion_IsNotDamage()
    {
        var storage = new MemoryStepLogStorage();
        var chunk = GoldenValues.Chunk(default, 0, GoldenValues.StepsFrame());
        chunk[8] = 2;
        await storage.ReserveAsync(GoldenValues.Log, 0, chunk.Length, CancellationToken.None);
        await storage.AppendAsync(GoldenValues.Log, default, chunk, CancellationToken.None);

        await Assert.ThrowsAsync<LogVersionException>(async () =>
        {
            await foreach (var _ in storage.ReadAsync(GoldenValues.Log, 0, 1, CancellationToken.None))
            {
            }
        });
    }

    private static byte[][] Frames() =>
    [
        GoldenValues.StepsFrame(),
        GoldenValues.Frame(FrameKind.OwnedClose, new EpisodeKey("", default), 0, 5, 0, default),
    ];

    private static byte[] Chunk() => GoldenValues.Chunk(At, 0xC0FFEE, Frames());
}
