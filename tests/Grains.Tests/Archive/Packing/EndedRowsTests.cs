using System.Buffers;
using Rollbook.Archive;
using Rollbook.Episodes;
using Rollbook.StepLog;
using Xunit;

namespace Rollbook.Grains.Tests.Archive.Packing;

public sealed class EndedRowsTests
{
    private static readonly EpisodeKey Key = new(EpisodeKey.DefaultProject, new EpisodeId(7));
    private readonly EndedRows rows = new(new LogId(1));
    private readonly List<long> asked = [];

    [Fact]
    public async Task RowsAsync_OfARunningEpisode_AsksForNoHeaderAndGivesNoRow()
    {
        Apply(FrameKind.Start, 1, EpisodeStatus.Running);

        Assert.Empty(await RowsAsync(won: true));
        Assert.Empty(asked);
    }

    [Fact]
    public async Task RowsAsync_OfAnEpisodeThatWasClaimedAsEnded_AsksWhetherTheClaimWasWon()
    {
        Apply(FrameKind.Start, 1, EpisodeStatus.Lost);

        Assert.Single(await RowsAsync(won: true));
        Assert.Empty(await RowsAsync(won: false));
        Assert.Equal([1, 1], asked);
    }

    [Theory]
    [InlineData(true, 0)]
    [InlineData(false, 1)]
    public async Task RowsAsync_OfAnEndedEpisodeWithALaterClaim_GivesARowWhereThatWasNotWon(bool won, int given)
    {
        Apply(FrameKind.End, 1, EpisodeStatus.Lost);
        Apply(FrameKind.Start, 2, EpisodeStatus.Running);

        Assert.Equal(given, (await RowsAsync(won)).Count);
        Assert.Equal([2], asked);
    }

    private ValueTask<List<EpisodeRow>> RowsAsync(bool won) => rows.RowsAsync((_, term) =>
    {
        asked.Add(term);
        return ValueTask.FromResult(won);
    });

    private void Apply(FrameKind kind, long term, EpisodeStatus status)
    {
        var record = new EpisodeRecord { Key = Key, Worker = "w", Task = "t", VariantId = "v", StartTime = 1, DeadlineSeconds = 600, StartHash = 7, Status = status };
        var payload = new ArrayBufferWriter<byte>();
        TailCodec.Write(payload, new EpisodeTail(record, StepSummary.Empty, writerEpoch: 1, null), withHashes: false);
        var bytes = new byte[FrameCodec.LengthOf(Key, payload.WrittenCount)];
        FrameCodec.Write(bytes, kind, Key, term, 0, 0, payload.WrittenSpan);
        Assert.True(FrameCodec.TryRead(bytes, out var frame));
        rows.Apply(frame, chunk: term, place: 0);
    }
}
