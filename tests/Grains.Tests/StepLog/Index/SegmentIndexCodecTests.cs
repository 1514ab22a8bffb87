using Rollbook.Grains.Tests.Golden;
using Rollbook.StepLog;
using Xunit;

namespace Rollbook.Grains.Tests.StepLog.Index;

public sealed class SegmentIndexCodecTests
{
    [Fact]
    public void Write_OfAnIndex_GivesTheGoldenBytes() =>
        GoldenFile.AssertWritten("segment-index-v2.bin", SegmentIndexCodec.Write(GoldenValues.Log, Index()));

    [Fact]
    public void Write_IntoAUsedBuffer_GivesTheSameBytes()
    {
        var buffer = new byte[4096];
        Array.Fill(buffer, (byte)0xA5);

        var bytes = SegmentIndexCodec.Write(GoldenValues.Log, Index(), ref buffer);

        Assert.Equal(SegmentIndexCodec.Write(GoldenValues.Log, Index()), bytes.ToArray());
    }

    [Fact]
    public void TryRead_OfTheGoldenIndex_GivesEveryField()
    {
        var index = SegmentIndexCodec.TryRead(GoldenValues.Log, GoldenFile.Read("segment-index-v2.bin"))!;

        Assert.Equal((2, 5L, 9L, (long?)4), (index.Segment, index.FirstChunk, index.EndChunk, index.OwnedBegin));
        Assert.Equal(Index().Entries.ToArray(), index.Entries.ToArray());
        Assert.Equal(2, index.Of(GoldenValues.Key).Length);
        Assert.Equal(6, index.Of(GoldenValues.Key with { Project = EpisodeKey.DefaultProject })[0].Chunk.Number);
        Assert.True(index.Of(GoldenValues.Key with { Project = "none" }).IsEmpty);
    }

    [Fact]
    public void TryRead_OfTheGoldenIndexOfTheFirstFormat_GivesEveryFieldButTheProject()
    {
        var index = SegmentIndexCodec.TryRead(GoldenValues.Log, GoldenFile.Read("segment-index-v1.bin"))!;

        Assert.Equal((2, 5L, 9L, (long?)4), (index.Segment, index.FirstChunk, index.EndChunk, index.OwnedBegin));
        Assert.Equal([.. FirstFormat().Close().Entries.ToArray().Select(static e => e with { Project = null })], index.Entries.ToArray());
        Assert.Equal(2, index.Of(GoldenValues.Key).Length);
        Assert.Equal(2, index.Of(GoldenValues.Key with { Project = "none" }).Length);
    }

    [Fact]
    public void Write_OfAnIndexOfTheFirstFormat_KeepsThatItsProjectsAreNotKnown()
    {
        var index = SegmentIndexCodec.TryRead(GoldenValues.Log, GoldenFile.Read("segment-index-v1.bin"))!;

        var again = SegmentIndexCodec.TryRead(GoldenValues.Log, SegmentIndexCodec.Write(GoldenValues.Log, index))!;

        Assert.Equal(index.Entries.ToArray(), again.Entries.ToArray());
    }

    [Fact]
    public void TryRead_WithAnyByteFlippedOrMissing_GivesNull()
    {
        var bytes = SegmentIndexCodec.Write(GoldenValues.Log, Index());
        for (var at = 0; at < bytes.Length; at++)
        {
            bytes[at] ^= 0x10;
            Assert.Null(SegmentIndexCodec.TryRead(GoldenValues.Log, bytes));
            bytes[at] ^= 0x10;
            Assert.Null(SegmentIndexCodec.TryRead(GoldenValues.Log, bytes.AsSpan(0, at)));
        }
    }

    [Fact]
    public void TryRead_OfAnotherLogsIndex_GivesNull() =>
        Assert.Null(SegmentIndexCodec.TryRead(new LogId(1), SegmentIndexCodec.Write(GoldenValues.Log, Index())));

    private static SegmentIndex Index()
    {
        var builder = FirstFormat();
        builder.Add(new IndexEntry(EpisodeKey.DefaultProject, GoldenValues.Key.Id, 3, 2, 1, FrameKind.Steps, new ChunkAddress(6, 2, 512), 764, 161));
        return builder.Close();
    }

    private static SegmentIndexBuilder FirstFormat()
    {
        var builder = new SegmentIndexBuilder(2, 5) { EndChunk = 9, OwnedBegin = 4 };
        builder.Add(Entry(GoldenValues.OtherKey, 1, 10, 3, FrameKind.Steps, new ChunkAddress(6, 2, 512), 64, 700));
        builder.Add(Entry(GoldenValues.Key, 3, 2, 0, FrameKind.Start, new ChunkAddress(5, 2, 0), 64, 400));
        builder.Add(Entry(GoldenValues.Key, 3, 2, 1, FrameKind.Steps, new ChunkAddress(8, 2, 4096), 500, 161));
        builder.Add(Entry(GoldenValues.Key, 3, 3, 0, FrameKind.Owned, new ChunkAddress(8, 2, 4096), 700, 161));
        return builder;
    }

    private static IndexEntry Entry(EpisodeKey key, long term, long ordinal, int count, FrameKind kind, ChunkAddress chunk, int offset, int length) =>
        new(key.Project, key.Id, term, ordinal, count, kind, chunk, offset, length);
}
