using Rollbook.StepLog;
using Xunit;

namespace Rollbook.Grains.Tests.StepLog.Commit;

public sealed class LiveIndexTests
{
    [Fact]
    public async Task Release_IntoANewSegment_WritesTheIndexOfTheOneBefore()
    {
        var bench = await LogBench.StartAsync(segmentBytes: 4096);
        var claim = await FillAsync(bench);
        await bench.CloseAsync();

        var written = 0;
        long next = 0;
        while (await ReadAsync(bench, written) is { } index)
        {
            Assert.Equal((written, next), (index.Segment, index.FirstChunk));
            next = index.EndChunk;
            written++;
        }

        var last = bench.Storage.Appended[^1];
        Assert.Equal(last.Segment, written);
        Assert.Equal(bench.Storage.Appended.First(a => a.Segment == last.Segment).Number, next);
        Assert.Equal(LogBench.Expected(0, 60), await bench.LinesAsync(claim.Key));
    }

    public static TheoryData<Func<Exception>> Failures => new(
        static () => new StorageFullException("full"), static () => new IOException("away"), static () => new UnauthorizedAccessException("read-only"));

    [Theory]
    [MemberData(nameof(Failures), DisableDiscoveryEnumeration = true)]
    public async Task Release_WhenTheIndexCanNotBeWritten_LosesNoReadsAndWritesItLater(Func<Exception> failure)
    {
        var bench = await LogBench.StartAsync(segmentBytes: 4096);
        bench.Indexes.Failure = failure;
        var claim = await FillAsync(bench);

        Assert.True(bench.Indexes.Failed > 0, "no index was tried to be written");
        Assert.False(bench.Log.Poisoned.IsCompleted);
        Assert.Equal(LogBench.Expected(0, 60), await bench.LinesAsync(claim.Key));

        bench.Indexes.Failure = null;
        for (var i = 0; i < 30; i++) await bench.Append(claim, 1);
        await bench.CloseAsync();
        Assert.NotNull(await ReadAsync(bench, 0));
        Assert.NotNull(await ReadAsync(bench, bench.Storage.Appended[^1].Segment - 1));
        Assert.Equal(LogBench.Expected(0, 90), await bench.LinesAsync(claim.Key));
    }

    [Fact]
    public async Task FramesOf_OfManyClosedSegments_ReadsThemFromTheStoreAgain()
    {
        var bench = await LogBench.StartAsync(segmentBytes: 2048);
        var claim = await FillAsync(bench, steps: 200);
        Assert.True(bench.Storage.Appended[^1].Segment > 32, "too few segments to leave the cache");

        for (var round = 0; round < 2; round++) Assert.Equal(LogBench.Expected(0, 200), await bench.LinesAsync(claim.Key));
        Assert.Empty(await bench.LinesAsync(bench.NewKey()));
        await bench.CloseAsync();
    }

    private static async Task<LogClaim> FillAsync(LogBench bench, int steps = 60)
    {
        var claim = await bench.ClaimAsync();
        for (var i = 0; i < steps; i++) await bench.Append(claim, 1);
        return claim;
    }

    private static async Task<SegmentIndex?> ReadAsync(LogBench bench, int segment) =>
        await bench.Indexes.GetAsync(bench.Log.Id, SegmentIndexCodec.NameOf(segment), CancellationToken.None) is { } bytes
            ? SegmentIndexCodec.TryRead(bench.Log.Id, bytes)
            : null;
}
