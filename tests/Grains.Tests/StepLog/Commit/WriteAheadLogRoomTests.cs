using Rollbook.StepLog;
using Xunit;

namespace Rollbook.Grains.Tests.StepLog.Commit;

public sealed class WriteAheadLogRoomTests
{
    private static readonly TimeSpan BetweenTries = TimeSpan.FromMilliseconds(500);

    [Fact]
    public async Task Append_OverTheBytesInFlight_IsRefusedAsBusyUntilTheyAreDurable()
    {
        var bench = await LogBench.StartAsync(maxBytesInFlight: 4000);
        var claim = await bench.ClaimAsync();
        bench.Appends.Close();
        var taken = new List<Task>();

        var busy = Assert.Throws<LogBusyException>(() =>
        {
            while (taken.Count < 1000) taken.Add(bench.Append(claim, 1));
        });

        Assert.InRange(taken.Count, 10, 100);
        Assert.InRange(bench.Log.BytesInFlight, 3000, 4000);
        Assert.Equal(taken.Count, claim.Tail.NextOrdinal);
        Assert.Contains("send the same again", busy.Message, StringComparison.Ordinal);
        bench.Appends.Open();
        await Task.WhenAll(taken);
        Assert.Equal(0, bench.Log.BytesInFlight);
        await bench.Append(claim, 1);
        Assert.Equal(LogBench.Expected(0, taken.Count + 1), await bench.LinesAsync(claim.Key));
        await bench.CloseAsync();
    }

    [Fact]
    public async Task Append_OfOneStepOverTheWholeBudget_IsTakenWhenNothingElseWaits()
    {
        var bench = await LogBench.StartAsync(maxBytesInFlight: 4000);
        var claim = await bench.ClaimAsync();

        await bench.Append(claim, 1, new string('x', 9000));

        Assert.Equal(1, claim.DurableNext);
        await bench.CloseAsync();
    }

    [Fact]
    public async Task Append_WithAFullDisk_IsRefusedBeforeAnythingIsPromisedAndGoesOnByItself()
    {
        var full = false;
        var bench = new LogBench(segmentBytes: 8192);
        bench.Storage.BeforeReserve = (segment, _) => full && segment > 1 ? throw new StorageFullException("full") : Task.CompletedTask;
        await bench.Log.StartAsync(CancellationToken.None);
        var claim = await bench.ClaimAsync();
        full = true;
        var acknowledged = await AppendUntilFullAsync(bench, claim);

        Assert.True(bench.Log.IsFull);
        Assert.False(bench.Log.Poisoned.IsCompleted);
        Assert.Equal(acknowledged, claim.Tail.NextOrdinal);
        Assert.Equal(acknowledged, claim.DurableNext);
        Assert.Equal(LogBench.Expected(0, acknowledged), await bench.LinesAsync(claim.Key));

        full = false;
        await RoomAsync(bench);
        await bench.Append(claim, 1);
        Assert.Equal(LogBench.Expected(0, acknowledged + 1), await bench.LinesAsync(claim.Key));
        await bench.CloseAsync();
    }

    [Fact]
    public async Task Append_WithAFullDiskAndASegmentThatHasAllItsChunks_IsRefusedBeforeAnythingIsPromised()
    {
        const int SegmentChunks = 16;
        var full = false;
        var bench = new LogBench(segmentChunks: SegmentChunks);
        bench.Storage.BeforeReserve = (segment, _) => full && segment > 1 ? throw new StorageFullException("full") : Task.CompletedTask;
        await bench.Log.StartAsync(CancellationToken.None);
        var claim = await bench.ClaimAsync();
        full = true;

        var acknowledged = await AppendUntilFullAsync(bench, claim);

        Assert.Equal(SegmentChunks, bench.Storage.Appended.Count(static at => at.Segment == 1));
        Assert.Equal((acknowledged, acknowledged), (claim.Tail.NextOrdinal, claim.DurableNext));
        Assert.Equal(0, bench.Log.BytesInFlight);
    }

    [Fact]
    public async Task Begin_WithAFullDisk_LeavesNoClaim()
    {
        var full = false;
        var bench = new LogBench(segmentBytes: 8192);
        bench.Storage.BeforeReserve = (segment, _) => full && segment > 1 ? throw new StorageFullException("full") : Task.CompletedTask;
        await bench.Log.StartAsync(CancellationToken.None);
        var claim = await bench.ClaimAsync();
        full = true;
        await AppendUntilFullAsync(bench, claim);
        var key = bench.NewKey();

        Assert.Throws<StorageFullException>(() => bench.Log.Begin(1, LogBench.Tail(key), out _));

        Assert.Null(bench.Log.Find(key));
        Assert.Equal(0, bench.Log.BytesInFlight);
    }

    [Fact]
    public async Task Close_WhileTheDiskFillsUp_FailsWhatWaitsInsteadOfWaitingForRoom()
    {
        var bench = new LogBench(segmentBytes: 4096, chunkBytes: 2048, maxBytesInFlight: 1 << 20);
        var full = false;
        bench.Storage.BeforeReserve = (_, _) => full ? throw new StorageFullException("full") : Task.CompletedTask;
        await bench.Log.StartAsync(CancellationToken.None);
        var claim = await bench.ClaimAsync();
        bench.Appends.Close();
        var commits = Enumerable.Range(0, 100).Select(_ => bench.Append(claim, 1)).ToList();
        full = true;

        var closed = bench.CloseAsync();
        bench.Appends.Open();
        await closed;

        await Assert.ThrowsAsync<LogPoisonedException>(() => Task.WhenAll(commits));
        var durable = commits.TakeWhile(static c => c.IsCompletedSuccessfully).Count();
        Assert.Equal(LogBench.Expected(0, durable), await bench.LinesAsync(claim.Key));
    }

    private static async Task<int> AppendUntilFullAsync(LogBench bench, LogClaim claim)
    {
        for (var steps = 0; steps < 1000; steps++)
        {
            try
            {
                await bench.Append(claim, 1).WaitAsync(LogBench.Patience);
            }
            catch (StorageFullException)
            {
                return steps;
            }

            // The second segment was reserved before the disk was full; the third is not to be had.
            if (bench.Storage.Appended[^1].Segment == 1) await FullAsync(bench);
        }

        throw new InvalidOperationException("The log took 1,000 steps on a full disk.");
    }

    private static async Task FullAsync(LogBench bench)
    {
        for (var tries = 0; !bench.Log.IsFull; tries++)
        {
            Assert.True(tries < 10_000_000, "The log did not notice that the disk is full.");
            await Task.Yield();
        }
    }

    private static async Task RoomAsync(LogBench bench)
    {
        for (var tries = 0; bench.Log.IsFull; tries++)
        {
            Assert.True(tries < 10_000_000, "The log did not notice that there is room again.");
            bench.Time.Advance(BetweenTries);
            await Task.Yield();
        }
    }
}
