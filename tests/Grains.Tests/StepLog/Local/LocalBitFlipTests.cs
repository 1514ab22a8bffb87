using Rollbook.StepLog;
using Rollbook.Testing;
using Xunit;

namespace Rollbook.Grains.Tests.StepLog.Local;

/// <summary>T5: a flipped bit is refused, or in the last chunk cut and reported; it is never served.</summary>
public sealed class LocalBitFlipTests
{
    private const int Sampled = 20_000;
    private readonly Random _random = new(11);
    private int _corrupt, _versions, _cut, _padding;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Read_WithAnyBitFlipped_NeverServesIt(bool isRecycled)
    {
        var (script, feed) = await LogAsync(isRecycled);
        var places = new List<(FedChunk Chunk, int Offset)>();
        foreach (var chunk in feed.Chunks)
        {
            for (var i = 0; i < ChunkCodec.HeaderSize; i++) places.Add((chunk, i));
            for (var frame = ChunkCodec.HeaderSize; frame < ChunkCodec.HeaderSize + chunk.FrameBytes; frame += BitConverter.ToInt32(chunk.Bytes, frame))
            {
                for (var i = 0; i < FrameCodec.HeaderSize; i++) places.Add((chunk, frame + i));
            }
        }

        var heads = places.Count;
        for (var i = 0; i < Sampled / 2; i++)
        {
            var chunk = feed.Chunks[_random.Next(feed.Chunks.Count)];
            places.Add((chunk, _random.Next(chunk.Bytes.Length)));
        }

        foreach (var (chunk, offset) in places) await FlipAsync(script, feed, chunk, offset);
        Assert.True(_corrupt > 0 && _cut > 0 && _versions > 0);
        Figures.Report("T5", $"{heads} header and frame-header bytes and {Sampled / 2} sampled ones in a log of {(isRecycled ? "recycled" : "new")} segments flipped: "
            + $"{_corrupt} refused as damage, {_versions} as another version, {_cut} cut from the end and reported, {_padding} in padding; 0 served");
    }

    private async Task FlipAsync(CrashScript script, ChunkFeed feed, FedChunk chunk, int offset)
    {
        var disk = script.Disk.Copy();
        var path = disk.Files.Keys.Single(path => path.EndsWith($"{feed.Log}/{chunk.At.Segment:D8}.wal", StringComparison.Ordinal));
        disk.Files[path].Bytes[(int)chunk.At.Offset + offset] ^= (byte)(1 << _random.Next(8));
        var what = $"chunk {chunk.At}, byte {offset}";
        using var storage = CrashScript.Open(disk);
        var number = 0L;
        try
        {
            var end = await storage.FenceAsync(feed.Log, 0, CancellationToken.None);
            await foreach (var read in storage.ReadAsync(feed.Log, 0, end.Fence, CancellationToken.None))
            {
                Assert.Equal(number, read.Header.Address.Number);
                Assert.True(feed.Chunks[(int)number].Frames.SequenceEqual(read.Frames.Span), $"{what}: served as chunk {number}");
                number++;
            }

            Assert.Equal(end.Fence, number);
            if (number == feed.Chunks.Count)
            {
                Assert.True(offset >= ChunkCodec.HeaderSize + chunk.FrameBytes, $"{what}: not seen");
                _padding++;
                return;
            }

            Assert.True(chunk.At.Number == number && number == feed.Chunks.Count - 1, $"{what}: the log was cut at {number}");
            Assert.True(end.TornBytes > 0, $"{what}: cut without a word");
            _cut++;
        }
        catch (LogCorruptException)
        {
            _corrupt++;
        }
        catch (LogVersionException)
        {
            _versions++;
        }
    }

    private static async Task<(CrashScript Script, ChunkFeed Feed)> LogAsync(bool isRecycled)
    {
        var script = new CrashScript(new SimulatedDisk());
        var random = new Random(9);
        var feed = script.Begin(random);
        if (isRecycled)
        {
            for (var i = 0; i < 30; i++) await script.AppendAsync(feed, random);
            await script.FenceAsync(feed);
            await script.TrimAsync(feed, feed.Chunks.Count);
            feed = script.Begin(random);
        }

        for (var i = 0; i < 24; i++) await script.AppendAsync(feed, random);
        return (script, feed);
    }
}
