using Rollbook.Episodes;
using Rollbook.Grains.Tests.Episodes;
using Rollbook.Grains.Tests.Golden;
using Rollbook.Recovery;
using Rollbook.StepLog;
using Xunit;
using static Rollbook.Grains.Tests.Episodes.BenchSilo;

namespace Rollbook.Grains.Tests.Recovery;

public sealed class LogPassTests
{
    private static readonly CancellationToken None = CancellationToken.None;
    private readonly RecorderBench bench = new(segmentBytes: 4096);

    [Theory]
    [InlineData(false, false)]
    [InlineData(false, true)]
    [InlineData(true, false)]
    [InlineData(true, true)]
    public async Task Run_WithIndexesMissingOrDamaged_MakesTheSameOnesAgain(bool indexDamaged, bool tailsDamaged)
    {
        var (log, running, ended) = await FillAsync();
        var whole = await Pass().RunAsync(await FencedAsync(log), None);
        var live = await ObjectsAsync(log);
        Assert.True(live.Count > 3, "the log has too few segments");
        foreach (var name in live.Keys.Where((_, i) => indexDamaged || i % 2 == 1).Where(n => n != StoredTails.Name || tailsDamaged))
            await bench.Indexes.PutAsync(log, name, indexDamaged ? new byte[] { 1, 2, 3 } : live[name].AsMemory(1), None);

        var again = await Pass().RunAsync(await FencedAsync(log), None);

        var made = await ObjectsAsync(log);
        Assert.Equal(live.Keys, made.Keys);
        // Read from its beginning, a log gives more hashes to the tails than from its last run of owned frames.
        foreach (var name in live.Keys.Where(static n => n != StoredTails.Name)) Assert.Equal(live[name], made[name]);
        Assert.NotNull(StoredTails.TryRead(made[StoredTails.Name]));
        foreach (var key in new[] { running, ended })
        {
            Assert.Equal(
                await whole.Index.CollectAsync(key, 0, int.MaxValue, None), await again.Index.CollectAsync(key, 0, int.MaxValue, None));
        }

        Assert.Equal(running, Assert.Single(again.Tails.Unfinished));
        Assert.Equal(40, again.Tails.Find(running, 1)!.NextOrdinal);
    }

    [Fact]
    public async Task Run_OverALogThatWasReadOnce_ReadsNoChunkAgain()
    {
        var (log, _, _) = await FillAsync();
        await Pass().RunAsync(await FencedAsync(log), None);
        var reads = bench.Storage.Reads;

        var again = await Pass().RunAsync(await FencedAsync(log), None);

        Assert.Equal(reads, bench.Storage.Reads);
        Assert.Single(again.Tails.Unfinished);
    }

    [Fact]
    public async Task Run_OverAFrameOfANewerRelease_LeavesTheLogToIt()
    {
        var chunk = GoldenValues.Chunk(default, 0, GoldenValues.StepsFrame(), GoldenValues.AsNewer(GoldenValues.StepsFrame(), version: 2));
        await bench.Storage.ReserveAsync(GoldenValues.Log, 0, chunk.Length, None);
        await bench.Storage.AppendAsync(GoldenValues.Log, default, chunk, None);
        await bench.Registry.InsertAsync(
            new LogRow { Log = GoldenValues.Log, Address = "newer", Generation = 1, BootId = "b", ProcessId = 1, CreatedAt = 0 }, None);
        var (log, running, _) = await FillAsync();

        var silo = await bench.StartAsync();
        await silo.Recovery.FenceDeadAsync(silo.Log.Id, bench, None);
        var nudged = new List<EpisodeKey>();
        await silo.Recovery.RoundAsync(silo.Log.Id, k => { nudged.Add(k); return Task.FromResult<long?>(null); }, None);

        Assert.Equal([running], nudged);
        var row = (await bench.Registry.ReadAsync(GoldenValues.Log, None))!;
        Assert.Equal((LogState.Fenced, 1L, null), (row.State, row.Fence, row.Quarantined));
        Assert.NotEqual(log, row.Log);
    }

    [Fact]
    public void StoredTails_OfATable_AreTheGoldenBytesAndGiveItBack()
    {
        var table = new TailTable();
        Apply(table, GoldenValues.Frame(FrameKind.Owned, GoldenValues.Key, 3, 2, 0, GoldenValues.Payload(GoldenValues.Tail(), true)));

        GoldenFile.AssertWritten("stored-tails-v1.bin", StoredTails.Write(table));

        var bytes = GoldenFile.Read("stored-tails-v1.bin");
        var tail = StoredTails.TryRead(bytes)!.Find(GoldenValues.Key, 3)!;
        Assert.Equal(GoldenValues.Tail().Record, tail.Record);
        Assert.Equal(2, tail.Hashes.Count);
        for (var at = 0; at < bytes.Length; at++)
        {
            bytes[at] ^= 0x20;
            Assert.Null(StoredTails.TryRead(bytes));
            bytes[at] ^= 0x20;
            Assert.Null(StoredTails.TryRead(bytes.AsSpan(0, at)));
        }
    }

    [Fact]
    public void Apply_OfAResumeThatNoRunNames_TakesItsTail()
    {
        var table = new TailTable();

        Apply(table, GoldenValues.Frame(FrameKind.Steps, GoldenValues.Key, 4, 1, 1, GoldenValues.Step()));
        Assert.Empty(table.Unfinished);
        Apply(table, GoldenValues.Frame(FrameKind.Resume, GoldenValues.Key, 4, 2, 0, GoldenValues.Payload(GoldenValues.Tail(), false)));
        Apply(table, GoldenValues.Frame(FrameKind.Steps, GoldenValues.Key, 4, 2, 1, GoldenValues.Step()));

        Assert.Equal(3, table.Find(GoldenValues.Key, 4)!.NextOrdinal);
    }

    [Fact]
    public void Apply_OfAStartWhoseSwapIsNotProved_KeepsBothTermsUntilASteps()
    {
        var table = new TailTable();
        var tail = GoldenValues.Payload(GoldenValues.Tail(), false);
        Apply(table, GoldenValues.Frame(FrameKind.Start, GoldenValues.Key, 1, 2, 0, tail));
        Apply(table, GoldenValues.Frame(FrameKind.Start, GoldenValues.Key, 2, 2, 0, tail));
        Assert.NotNull(table.Find(GoldenValues.Key, 1));
        Assert.NotNull(table.Find(GoldenValues.Key, 2));

        Apply(table, GoldenValues.Frame(FrameKind.Steps, GoldenValues.Key, 2, 2, 1, GoldenValues.Step()));

        Assert.Null(table.Find(GoldenValues.Key, 1));
        Assert.Equal(3, table.Find(GoldenValues.Key, 2)!.NextOrdinal);
    }

    private static void Apply(TailTable table, byte[] bytes)
    {
        Assert.True(FrameCodec.TryRead(bytes, out var frame));
        table.Apply(frame);
    }

    private LogPass Pass() => new(bench.Storage, bench.Indexes);

    private async Task<LogRow> FencedAsync(LogId log) => await new LogFence(bench.Registry, bench.Storage).FenceAsync(log, None);

    private async Task<SortedDictionary<string, byte[]>> ObjectsAsync(LogId log)
    {
        var objects = new SortedDictionary<string, byte[]>(StringComparer.Ordinal);
        if (await bench.Indexes.GetAsync(log, StoredTails.Name, None) is { } tails) objects[StoredTails.Name] = tails;
        for (var segment = 0; await bench.Indexes.GetAsync(log, SegmentIndexCodec.NameOf(segment), None) is { } index; segment++)
            objects[SegmentIndexCodec.NameOf(segment)] = index;
        return objects;
    }

    private async Task<(LogId Log, EpisodeKey Running, EpisodeKey Ended)> FillAsync()
    {
        var silo = await bench.StartAsync();
        var (running, runningKey) = await silo.OpenAsync();
        var (ended, endedKey) = await silo.OpenAsync();
        for (var i = 0; i < 40; i++)
        {
            await running.AppendAsync(Batch(i, 1));
            if (i < 10) await ended.AppendAsync(Batch(i, 1));
            if (i == 10) await ended.EndAsync(Completed(10));
        }

        await silo.Log.CloseAsync();
        bench.Kill(silo);
        return (silo.Log.Id, runningKey, endedKey);
    }
}
