using Rollbook.StepLog;
using Xunit;

namespace Rollbook.Testing;

/// <summary>The laws L1 to L3 and the contract of <see cref="IStepLogStorage"/>. A device's suite derives from this and gives its subject.</summary>
/// <param name="subject">The device, owned by the suite from here on. Reopening it means that the process died and another one began.</param>
public abstract class StepLogStorageConformance(IStoreSubject<IStepLogStorage> subject) : IDisposable
{
    private static readonly LogId Log = IdOf(1);
    private static readonly LogId OtherLog = IdOf(2);
    private readonly CancellationToken _token = CancellationToken.None;

    private IStepLogStorage Storage => subject.Store;

    [Fact]
    public async Task AppendAsync_WhenAcknowledged_AllChunksSoFarAreRead()
    {
        var feed = new ChunkFeed(Log);
        for (var i = 0; i < 10; i++)
        {
            await feed.AppendAsync(Storage, feed.Next(1 + i, 200));
            await AssertReadsAsync(feed, 0, i + 1);
        }
    }

    [Fact]
    public async Task AppendAsync_WhenSeveralAreInFlight_AnAckCoversAllBefore()
    {
        var feed = new ChunkFeed(Log);
        await Storage.ReserveAsync(Log, 0, feed.SegmentBytes, _token);
        for (var round = 0; round < 8; round++)
        {
            var first = feed.Chunks.Count;
            var flying = Enumerable.Range(0, Storage.MaxInFlight).Select(_ => feed.Next())
                .Select(chunk => (Ack: Storage.AppendAsync(Log, chunk.At, chunk.Bytes, _token).AsTask(), chunk.At.Number))
                .ToList();
            while (flying.Count > 0)
            {
                await await Task.WhenAny(flying.Select(append => append.Ack));
                var acknowledged = flying.FindLast(append => append.Ack.IsCompleted);
                flying.Remove(acknowledged);
                await AssertReadsAsync(feed, first, acknowledged.Number + 1);
            }
        }
    }

    [Fact]
    public async Task AppendAsync_WhenTheCallersBufferChangesAfterwards_KeepsWhatWasGiven()
    {
        var feed = new ChunkFeed(Log);
        var chunk = feed.Next();
        var buffer = chunk.Bytes.ToArray();
        await feed.AppendAsync(Storage, chunk with { Bytes = buffer });
        Array.Fill(buffer, (byte)0xDD);

        await AssertReadsAsync(feed, 0, 1);
    }

    [Fact]
    public async Task AppendAsync_WithTheSameBytesAgain_Succeeds()
    {
        var feed = new ChunkFeed(Log);
        await feed.AppendAsync(Storage, 3);
        await Storage.AppendAsync(Log, feed.Chunks[2].At, feed.Chunks[2].Bytes, _token);
        await feed.AppendAsync(Storage, 1);

        await AssertReadsAsync(feed, 0, 4);
    }

    [Fact]
    public async Task AppendAsync_WithOtherBytesAtAStoredNumber_IsRefused()
    {
        var feed = new ChunkFeed(Log);
        await feed.AppendAsync(Storage, 3);
        var foreign = new ChunkFeed(Log, seed: 2);
        for (var i = 0; i < 3; i++) foreign.Next();

        await Assert.ThrowsAsync<LogFencedException>(() => Storage.AppendAsync(Log, foreign.Chunks[2].At, foreign.Chunks[2].Bytes, _token).AsTask());
        await AssertReadsAsync(feed, 0, 3);
    }

    [Fact]
    public async Task ReserveAsync_AgainOrForMore_KeepsWhatIsWritten()
    {
        var feed = new ChunkFeed(Log);
        await feed.AppendAsync(Storage, 2);
        await Storage.ReserveAsync(Log, 0, feed.SegmentBytes, _token);
        await Storage.ReserveAsync(Log, 0, 4 * feed.SegmentBytes, _token);
        await feed.AppendAsync(Storage, 2);

        await AssertReadsAsync(feed, 0, 4);
    }

    [Fact]
    public async Task AppendAsync_OfAChunkLargerThanASegment_IsTaken()
    {
        var feed = new ChunkFeed(Log);
        await feed.AppendAsync(Storage, 2);
        await feed.AppendAsync(Storage, feed.Next(1, 3 * (int)feed.SegmentBytes));
        await feed.AppendAsync(Storage, 2);
        subject.Reopen();

        await AssertReadsAsync(feed, 0, 5);
    }

    [Fact]
    public async Task ReadAsync_FromAnyChunk_BeginsInItsSegmentAndStopsAtTheEnd()
    {
        var feed = await ThreeSegmentsAsync();
        subject.Reopen();
        for (var from = 0; from < feed.Chunks.Count; from++)
        {
            for (var end = from; end <= feed.Chunks.Count; end++) await AssertReadsAsync(feed, from, end);
        }
    }

    [Fact]
    public async Task ReadAsync_OfTwoLogs_DoesNotMixThem()
    {
        var (one, other) = (new ChunkFeed(Log), new ChunkFeed(OtherLog, seed: 2));
        for (var i = 0; i < 5; i++)
        {
            await one.AppendAsync(Storage, 1);
            await other.AppendAsync(Storage, 1);
        }

        Assert.Equal(5, (await Storage.FenceAsync(Log, 0, _token)).Fence);
        await other.AppendAsync(Storage, 1);
        await AssertReadsAsync(one, 0, 5);
        await AssertReadsAsync(other, 0, 6);
    }

    [Fact]
    public async Task ReadRangeAsync_OfADurableChunk_GivesItsBytes()
    {
        var feed = await ThreeSegmentsAsync();
        for (var pass = 0; pass < 2; pass++)
        {
            foreach (var chunk in feed.Chunks)
            {
                var into = new byte[chunk.FrameBytes];
                await Storage.ReadRangeAsync(Log, chunk.At, ChunkCodec.HeaderSize, into, _token);
                Assert.True(chunk.Frames.SequenceEqual(into), $"chunk {chunk.At}");
            }

            subject.Reopen();
        }
    }

    [Fact]
    public async Task FenceAsync_OfALogThatNeverWrote_GivesTheMark()
    {
        Assert.Equal(new LogEnd(0, 0), await Storage.FenceAsync(Log, 0, _token));
        Assert.Equal(new LogEnd(5, 0), await Storage.FenceAsync(OtherLog, 5, _token));
        var feed = new ChunkFeed(Log);

        await Assert.ThrowsAsync<LogFencedException>(() => feed.AppendAsync(Storage, 1));
        subject.Reopen();
        Assert.Equal(new LogEnd(0, 0), await Storage.FenceAsync(Log, 0, _token));
    }

    [Fact]
    public async Task FenceAsync_OfALogThatReservedOnly_GivesTheMark()
    {
        await Storage.ReserveAsync(Log, 0, 64 << 10, _token);
        subject.Reopen();
        Assert.Equal(new LogEnd(0, 0), await Storage.FenceAsync(Log, 0, _token));
    }

    [Fact]
    public Task FenceAsync_WhenTheWriterLives_EndsTheLogForGood() => FenceEndsAsync(isDead: false);

    [Fact]
    public Task FenceAsync_WhenTheWriterIsDead_EndsTheLogForGood() => FenceEndsAsync(isDead: true);

    [Fact]
    public async Task FenceAsync_AgainstAWriter_CoversAllThatIsAcknowledged()
    {
        for (var round = 0; round < 20; round++)
        {
            var feed = new ChunkFeed(IdOf(10 + round), seed: round);
            await feed.AppendAsync(Storage, round % 3);
            var begun = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            var fenced = new CancellationTokenSource();
            var writing = Task.Run(async () =>
            {
                long acknowledged = round % 3;
                try
                {
                    // One append may have been under way at that moment; those that begin later must be refused.
                    for (var late = 0; late < 3; late += fenced.IsCancellationRequested ? 1 : 0)
                    {
                        await feed.AppendAsync(Storage, 1);
                        acknowledged++;
                        begun.TrySetResult();
                    }
                }
                catch (LogFencedException)
                {
                    return acknowledged;
                }

                throw new InvalidOperationException("The log was fenced, and went on taking chunks.");
            });
            await begun.Task;
            var end = await Storage.FenceAsync(feed.Log, 0, _token);
            await fenced.CancelAsync();
            var acked = await writing;

            Assert.True(acked <= end.Fence, $"chunk {acked - 1} was acknowledged, the fence is {end.Fence}");
            await AssertReadsAsync(feed, 0, end.Fence);
            Assert.Equal(end, await Storage.FenceAsync(feed.Log, 0, _token));
        }
    }

    [Fact]
    public async Task TrimAsync_ToAMark_FreesWholeSegmentsBelowIt()
    {
        var feed = await ThreeSegmentsAsync();
        var second = feed.Chunks.First(chunk => chunk.At.Segment == 1).At.Number;
        await Storage.TrimAsync(Log, second + 1, _token);

        await Assert.ThrowsAsync<ChunkTrimmedException>(() => AssertReadsAsync(feed, 0, feed.Chunks.Count));
        await Assert.ThrowsAsync<ChunkTrimmedException>(
            () => Storage.ReadRangeAsync(Log, feed.Chunks[0].At, 0, new byte[64], _token).AsTask());
        await AssertReadsAsync(feed, second, feed.Chunks.Count);
        await feed.AppendAsync(Storage, 3);
        await AssertReadsAsync(feed, second, feed.Chunks.Count);
    }

    [Fact]
    public Task FenceAsync_WhenTrimmedAndAlive_ProbesFromTheMark() => FenceTrimmedAsync(isDead: false);

    [Fact]
    public Task FenceAsync_WhenTrimmedAndDead_ProbesFromTheMark() => FenceTrimmedAsync(isDead: true);

    [Fact]
    public async Task TrimAsync_OfAllThatAFencedLogHolds_LeavesTheFence()
    {
        var feed = await ThreeSegmentsAsync();
        var end = await Storage.FenceAsync(Log, 0, _token);
        await Storage.TrimAsync(Log, end.Fence, _token);
        subject.Reopen();

        Assert.Equal(end, await Storage.FenceAsync(Log, end.Fence, _token));
        await Assert.ThrowsAsync<ChunkTrimmedException>(() => AssertReadsAsync(feed, 0, end.Fence));
        await Assert.ThrowsAsync<ChunkTrimmedException>(() => AssertReadsAsync(feed, end.Fence - 1, end.Fence));
    }

    [Fact]
    public async Task ReadAsync_WhileItsSegmentsAreFreedAndWrittenAgain_NeverGivesOtherBytes()
    {
        var feed = await ThreeSegmentsAsync();
        var number = 0L;
        try
        {
            await foreach (var chunk in Storage.ReadAsync(Log, 0, feed.Chunks.Count, _token))
            {
                AssertChunk(feed, number++, chunk);
                if (number != 2) continue;
                await Storage.TrimAsync(Log, feed.Chunks.First(c => c.At.Segment == 2).At.Number, _token);
                // New segments, which a device that writes freed files again takes from those just freed.
                for (var i = 0; i < 4; i++)
                {
                    feed.Roll();
                    await feed.AppendAsync(Storage, 6, 3, 2000);
                }
            }
        }
        catch (ChunkTrimmedException)
        {
            Assert.True(number >= 2);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        subject.Dispose();
        GC.SuppressFinalize(this);
    }

    /// <summary>Ids as different as those of real logs.</summary>
    private static LogId IdOf(int seed)
    {
        var random = new Random(seed);
        return new LogId(new UInt128((ulong)random.NextInt64(), (ulong)random.NextInt64()));
    }

    private static void AssertChunk(ChunkFeed feed, long number, in StoredChunk chunk)
    {
        Assert.Equal(number, chunk.Header.Address.Number);
        Assert.Equal(feed.Log, chunk.Header.Log);
        Assert.True(feed.Chunks[(int)number].Frames.SequenceEqual(chunk.Frames.Span), $"the frames of chunk {number}");
    }

    private async Task FenceEndsAsync(bool isDead)
    {
        var feed = await ThreeSegmentsAsync();
        var count = feed.Chunks.Count;
        if (isDead) subject.Reopen();

        Assert.Equal(new LogEnd(count, 0), await Storage.FenceAsync(Log, 0, _token));
        Assert.Equal(new LogEnd(count, 0), await Storage.FenceAsync(Log, 0, _token));
        await Assert.ThrowsAsync<LogFencedException>(() => feed.AppendAsync(Storage, 1));
        await AssertReadsAsync(feed, 0, count);
        subject.Reopen();
        Assert.Equal(new LogEnd(count, 0), await Storage.FenceAsync(Log, 3, _token));
        await Assert.ThrowsAsync<LogFencedException>(() => Storage.AppendAsync(Log, feed.Chunks[count].At, feed.Chunks[count].Bytes, _token).AsTask());
        await AssertReadsAsync(feed, 0, count);
    }

    private async Task FenceTrimmedAsync(bool isDead)
    {
        var feed = await ThreeSegmentsAsync();
        var mark = feed.Chunks.First(chunk => chunk.At.Segment == 1).At.Number + 2;
        await Storage.TrimAsync(Log, mark, _token);
        if (isDead) subject.Reopen();

        Assert.Equal(new LogEnd(feed.Chunks.Count, 0), await Storage.FenceAsync(Log, mark, _token));
        await AssertReadsAsync(feed, mark, feed.Chunks.Count);
    }

    /// <summary>Chunks of many sizes: two segments that were left before they were full, and a third.</summary>
    private async Task<ChunkFeed> ThreeSegmentsAsync()
    {
        var feed = new ChunkFeed(Log);
        for (var segment = 0; segment < 3; segment++)
        {
            if (segment > 0) feed.Roll();
            for (var i = 0; i < 5; i++) await feed.AppendAsync(Storage, feed.Next(1 + i, 100 + (700 * segment)));
        }

        return feed;
    }

    /// <summary>Reads a range: it may begin earlier, in the same segment, goes on gap-free and stops exactly at its end.</summary>
    private async Task AssertReadsAsync(ChunkFeed feed, long from, long end)
    {
        long? next = null;
        await foreach (var chunk in Storage.ReadAsync(feed.Log, from, end, _token))
        {
            var number = next ?? chunk.Header.Address.Number;
            Assert.True(number <= from || next is not null, $"the read from {from} began at {number}");
            if (next is null) Assert.Equal(feed.Chunks[(int)from].At.Segment, chunk.Header.Address.Segment);
            AssertChunk(feed, number, chunk);
            next = number + 1;
        }

        Assert.Equal(from < end ? end : null, next);
    }
}
