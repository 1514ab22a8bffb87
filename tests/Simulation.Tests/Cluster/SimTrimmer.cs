using Rollbook.Simulation.Tests.Engine;
using Rollbook.Simulation.Tests.Mutations;
using Rollbook.Simulation.Tests.Network;
using Rollbook.StepLog;

namespace Rollbook.Simulation.Tests.Cluster;

/// <summary>
/// A model archiver of a silo's own live log: packs what lies behind the last closed run of owned frames, moves the registry's mark while the
/// log is open, and only then frees the chunks.
/// </summary>
internal sealed class SimTrimmer(
    World world, LogId log, IStepLogStorage storage, ILogIndexStore indexes, ILogRegistry registry, SimStores stores, Mutation mutation,
    SimClock clock, Func<bool> aboutToTrim, FenceSignal fences)
{
    private readonly List<SegmentIndex> segments = [];
    private long packedTo;

    public async Task RunAsync()
    {
        while (true)
        {
            await Task.Delay(world.Between(0.05, 2), clock);
            try
            {
                await TrimOnceAsync();
            }
            catch (TimeoutException)
            {
                // Unknown: the next round sees what came of it.
            }
        }
    }

    private async Task TrimOnceAsync()
    {
        while (await indexes.GetAsync(log, SegmentIndexCodec.NameOf(segments.Count), CancellationToken.None) is { } bytes)
            segments.Add(SegmentIndexCodec.TryRead(log, bytes)!);
        var owned = segments.FindLast(static s => s.OwnedBegin is not null)?.OwnedBegin ?? 0;
        var to = segments.FindLast(s => s.EndChunk <= owned)?.EndChunk ?? 0;
        if (to <= packedTo) return;
        for (; packedTo < to; packedTo++)
            if (await SimStorage.WholeAsync(stores.Storage, log, packedTo) is { } chunk) stores.Packs.Add(log, packedTo, chunk);
        // Bad luck: it goes on, and quickly, in the very moment in which another puts the fence.
        var unlucky = aboutToTrim();
        var pause = Task.Delay(world.Between(0, unlucky ? 8 : 0.1), clock);
        await (unlucky ? Task.WhenAny(pause, fences.Next(log)) : pause);
        await MarkAndFreeAsync(to, unlucky ? stores.Registry : registry, unlucky ? stores.Storage : storage);
    }

    private async Task MarkAndFreeAsync(long to, ILogRegistry rows, IStepLogStorage device)
    {
        while (true)
        {
            var row = (await rows.ReadAsync(log, CancellationToken.None))!;
            if (row.State != LogState.Open && !(mutation.TrimsWhileFencing && row.State == LogState.Fencing)) return;
            if (row.TrimmedTo >= to || await rows.ReplaceAsync(row with { TrimmedTo = to }, CancellationToken.None) is not null) break;
        }

        await device.TrimAsync(log, to, CancellationToken.None);
        world.Log($"log {log.Value & 0xFFFF:x4} freed below {to}");
    }
}
