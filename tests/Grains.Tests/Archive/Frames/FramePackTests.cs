using Rollbook.Archive;
using Rollbook.Grains.Tests.Golden;
using Rollbook.StepLog;
using Xunit;

namespace Rollbook.Grains.Tests.Archive.Frames;

public sealed class FramePackTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Write_OfAFewFrames_GivesTheGoldenBytes() =>
        GoldenFile.AssertWritten("frame-pack-v1.bin", await WriteAsync(Frames(3, 40)));

    [Fact]
    public async Task Read_OfTheGoldenFile_GivesEveryFrame()
    {
        using var stream = new MemoryStream(GoldenFile.Read("frame-pack-v1.bin"));
        var reader = await FramePackReader.OpenAsync("golden", GoldenValues.Log, stream, Token);

        foreach (var (chunk, offset, bytes) in Frames(3, 40)) Assert.Equal(bytes, await reader.ReadAsync(stream, chunk, offset, Token));
        Assert.Null(await reader.ReadAsync(stream, 0, 1, Token));
    }

    [Fact]
    public async Task Read_AcrossManyBlocks_GivesEveryFrameAndAllInOrder()
    {
        var frames = Frames(2000, 900);
        using var stream = new MemoryStream(await WriteAsync(frames));
        var reader = await FramePackReader.OpenAsync("many", GoldenValues.Log, stream, Token);

        for (var i = 0; i < frames.Count; i += 37) Assert.Equal(frames[i].Bytes, await reader.ReadAsync(stream, frames[i].Chunk, frames[i].Offset, Token));
        var at = 0;
        await foreach (var (chunk, offset, frame) in reader.AllAsync(stream, Token))
        {
            Assert.Equal((frames[at].Chunk, frames[at].Offset), (chunk, offset));
            Assert.True(frame.Span.SequenceEqual(frames[at++].Bytes));
        }

        Assert.Equal(frames.Count, at);
    }

    [Fact]
    public async Task Read_WithAnyByteFlipped_NeverGivesAnotherFrame()
    {
        var frames = Frames(4, 60);
        var whole = await WriteAsync(frames);
        for (var at = 0; at < whole.Length; at++)
        {
            var bytes = (byte[])whole.Clone();
            bytes[at] ^= 0x20;
            using var stream = new MemoryStream(bytes);
            try
            {
                var reader = await FramePackReader.OpenAsync("flipped", GoldenValues.Log, stream, Token);
                foreach (var (chunk, offset, wanted) in frames)
                {
                    // The tables are proved; a block is proved by zstd where it can, else by the frame's own CRC, which the caller checks.
                    var read = await reader.ReadAsync(stream, chunk, offset, Token);
                    Assert.True(read!.AsSpan().SequenceEqual(wanted) || !FrameCodec.TryProve(read, out _), $"byte {at}");
                }
            }
            catch (Exception detected) when (detected is PackDamagedException or PackVersionException)
            {
                continue;
            }
        }
    }

    [Fact]
    public async Task Open_OfAnotherLogsFile_SaysSo()
    {
        using var stream = new MemoryStream(await WriteAsync(Frames(1, 10)));

        await Assert.ThrowsAsync<PackDamagedException>(async () => await FramePackReader.OpenAsync("other", new LogId(1), stream, Token));
    }

    private static async Task<byte[]> WriteAsync(List<(long Chunk, int Offset, byte[] Bytes)> frames)
    {
        var writer = new FramePackWriter(GoldenValues.Log);
        foreach (var (chunk, offset, bytes) in frames) writer.Add(chunk, offset, bytes);
        using var stream = new MemoryStream();
        await writer.WriteAsync(stream, Token);
        return stream.ToArray();
    }

    private static List<(long Chunk, int Offset, byte[] Bytes)> Frames(int count, int payload)
    {
        var frames = new List<(long, int, byte[])>();
        for (var i = 0; i < count; i++)
        {
            var content = new byte[payload];
            new Random(i).NextBytes(content.AsSpan(0, payload / 2));
            var frame = new byte[FrameCodec.LengthOf(GoldenValues.Key, content.Length)];
            FrameCodec.Write(frame, FrameKind.End, GoldenValues.Key, 1, i, 0, content);
            frames.Add((i / 3, 64 + (i % 3 * 2000), frame));
        }

        return frames;
    }
}
