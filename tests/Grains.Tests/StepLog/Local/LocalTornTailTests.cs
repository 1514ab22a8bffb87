using Rollbook.StepLog;
using Rollbook.Testing;
using Xunit;

namespace Rollbook.Grains.Tests.StepLog.Local;

/// <summary>T4: the last chunk, written but not acknowledged, may be torn in any way: what was acknowledged before it stays.</summary>
public sealed class LocalTornTailTests
{
    private const int Sector = ChunkCodec.Alignment;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Recovery_WithAnySectorsOfTheLastChunkReplaced_KeepsTheOthers(bool isRecycled)
    {
        var tail = await TailAsync(isRecycled);
        var sectors = tail.Last.Bytes.Length / Sector;
        var random = new Random(3);
        var cases = 0;
        // Each sector is new, zeros or another chunk's: all subsets of either kind, and a sample of both together.
        for (var subset = 0; subset < 1 << sectors; subset++)
        {
            await CheckAsync(tail, sector => (subset >> sector & 1) == 0 ? 0 : 1);
            await CheckAsync(tail, sector => (subset >> sector & 1) == 0 ? 0 : 2);
            var kinds = new int[sectors];
            for (var i = 0; i < sectors; i++) kinds[i] = random.Next(3);
            await CheckAsync(tail, sector => kinds[sector]);
            cases += 3;
        }

        Figures.Report("T4", $"{cases} mixtures of the last chunk's {sectors} sectors in a {(isRecycled ? "recycled" : "new")} segment: 0 acknowledged chunks lost");
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Recovery_WithTheFileCutAtAnyByteOfTheLastChunk_KeepsTheOthers(bool isRecycled)
    {
        var tail = await TailAsync(isRecycled);
        var header = ChunkCodec.HeaderSize + tail.Last.FrameBytes;
        for (var cut = 0; cut <= tail.Last.Bytes.Length; cut++)
        {
            var disk = tail.Script.Disk.Copy();
            disk.Files[tail.Path].Truncate((int)tail.Last.At.Offset + cut);
            var end = await RecoverAsync(tail, disk, $"cut after {cut} bytes");
            Assert.Equal(cut >= header ? tail.Number + 1 : tail.Number, end.Fence);
            if (cut < header) Assert.Equal(cut < ChunkCodec.HeaderSize ? 0 : cut, end.TornBytes);
        }

        Figures.Report("T4", $"the file cut at each of {tail.Last.Bytes.Length} bytes of the last chunk, {(isRecycled ? "recycled" : "new")} segment: 0 acknowledged chunks lost");
    }

    [Fact]
    public async Task FenceAsync_OfATornLog_GivesTheSameEndWhenTheBytesComeBack()
    {
        var tail = await TailAsync(isRecycled: false);
        var disk = tail.Script.Disk.Copy();
        var file = disk.Files[tail.Path];
        var second = (int)tail.Last.At.Offset + Sector;
        file.Bytes.Slice(second, Sector).Clear();
        var torn = await RecoverAsync(tail, disk, "torn");
        tail.Last.Bytes.AsSpan(Sector, Sector).CopyTo(file.Bytes[second..]);

        Assert.Equal(new LogEnd(tail.Number, tail.Last.Bytes.Length), torn);
        Assert.Equal(torn, await RecoverAsync(tail, disk, "whole again"));
    }

    private static async Task CheckAsync(Tail tail, Func<int, int> kindOf)
    {
        var disk = tail.Script.Disk.Copy();
        var chunk = disk.Files[tail.Path].Bytes.Slice((int)tail.Last.At.Offset, tail.Last.Bytes.Length);
        for (var sector = 0; sector < chunk.Length / Sector; sector++)
        {
            var to = chunk.Slice(sector * Sector, Sector);
            if (kindOf(sector) == 1) to.Clear();
            if (kindOf(sector) == 2) tail.Older.AsSpan(sector * Sector, Sector).CopyTo(to);
        }

        var isWhole = chunk[..(ChunkCodec.HeaderSize + tail.Last.FrameBytes)].SequenceEqual(tail.Last.Bytes.AsSpan(0, ChunkCodec.HeaderSize + tail.Last.FrameBytes));
        var hasHead = chunk[..Sector].SequenceEqual(tail.Last.Bytes.AsSpan(0, Sector));
        var name = string.Join(',', Enumerable.Range(0, chunk.Length / Sector).Select(kindOf));
        var end = await RecoverAsync(tail, disk, name);
        Assert.True(end.Fence == (isWhole ? tail.Number + 1 : tail.Number), $"{name}: the fence is {end.Fence}");
        if (!isWhole && hasHead) Assert.True(end.TornBytes > 0, $"{name}: the cut is not reported");
    }

    private static async Task<LogEnd> RecoverAsync(Tail tail, SimulatedDisk disk, string what)
    {
        // Of the run's promises, all but the last chunk's acknowledgement.
        var (ends, wrong) = await tail.Script.RecoverAsync(disk, tail.CallsBeforeLast);
        Assert.True(wrong is null, $"{what}: {wrong}");
        return ends[tail.Log];
    }

    private static async Task<Tail> TailAsync(bool isRecycled)
    {
        var disk = new SimulatedDisk();
        var script = new CrashScript(disk);
        var random = new Random(5);
        var feed = script.Begin(random);
        byte[]? older = null;
        if (isRecycled)
        {
            for (var i = 0; i < 20; i++) await script.AppendAsync(feed, random);
            await script.FenceAsync(feed);
            await script.TrimAsync(feed, feed.Chunks.Count);
            feed = script.Begin(random);
        }

        for (var i = 0; i < 5; i++) await script.AppendAsync(feed, random);
        older = feed.Chunks.MaxBy(chunk => chunk.Bytes.Length)!.Bytes;
        Array.Resize(ref older, 4096);
        var calls = disk.Trace.Count;
        await script.AppendAsync(feed, feed.Next(3, 1200));
        var last = feed.Chunks[^1];
        Assert.Equal(8, last.Bytes.Length / Sector);
        var path = disk.Files.Keys.Single(path => path.EndsWith($"{feed.Log}/{last.At.Segment:D8}.wal", StringComparison.Ordinal));
        return new Tail(script, feed.Log, path, last, older, calls);
    }

    private sealed record Tail(CrashScript Script, LogId Log, string Path, FedChunk Last, byte[] Older, int CallsBeforeLast)
    {
        public long Number => Last.At.Number;
    }
}
