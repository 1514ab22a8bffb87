using Microsoft.Extensions.Time.Testing;
using Rollbook.Episodes;
using Rollbook.Grains.Tests.StepLog.Commit;
using Rollbook.Recovery;
using Rollbook.StepLog;
using Rollbook.Testing;
using Xunit;

namespace Rollbook.Grains.Tests.Recovery;

public sealed class ObjectPassTests
{
    private const int Steps = 200;
    private const int SegmentChunks = 16;

    // The index of each segment, the one that is missing, the tails, and what is fetched ahead.
    private const int OtherReads = (Steps / SegmentChunks) + 8;

    [Fact]
    public async Task Pass_OverManySmallChunksOfAnObjectStore_ReadsTwoSegmentsOfThem()
    {
        var time = new FakeTimeProvider();
        var container = new CountingObjectContainer(new MemoryObjectContainer());
        var options = new ObjectStepLogOptions();
        var storage = new ObjectStepLogStorage(container, options, time, 1);
        var indexes = new ObjectLogIndexStore(container, options, time, 2);
        using var meter = new StepLogMeter();
        var log = new WriteAheadLog(LogId.New(time), storage, indexes, new StepLogOptions { SegmentChunks = SegmentChunks }, time, meter);
        await log.StartAsync(CancellationToken.None);
        var key = new EpisodeKey(EpisodeKey.DefaultProject, new EpisodeId(1));
        var claim = log.Begin(1, LogBench.Tail(key), out var begun);
        await begun.WaitAsync(LogBench.Patience, TimeProvider.System);
        log.Confirm(claim);
        // Each in a chunk of its own.
        for (var step = 0; step < Steps; step++)
            await log.Append(claim, FrameKind.Steps, 1, TestSteps.Range("s", step, 1).Bytes.Span).WaitAsync(LogBench.Patience, TimeProvider.System);
        await log.CloseAsync();
        var registry = new MemoryLogRegistry();
        await registry.InsertAsync(new LogRow { Log = log.Id, Address = "a", Generation = 1, BootId = "b", ProcessId = 1, CreatedAt = 0 }, CancellationToken.None);
        var row = await new LogFence(registry, storage).FenceAsync(log.Id, CancellationToken.None);
        var before = container.Reads;

        var dead = await new LogPass(storage, indexes).RunAsync(row, CancellationToken.None);

        Assert.InRange(container.Reads - before, 1, (2 * SegmentChunks) + OtherReads);
        Assert.Equal(Steps, dead.Tails.Find(key, 1)!.NextOrdinal);
    }
}
