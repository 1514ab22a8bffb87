using Rollbook.Simulation.Tests.Engine;
using Rollbook.StepLog;
using Rollbook.Testing;

namespace Rollbook.Simulation.Tests.Objects;

/// <summary>
/// One seed of T13: a writer, readers, a trimmer and those who fence, each with a device of its own over one faulty object store, and the laws L1 to L3 at every
/// acknowledgement and in the end.
/// </summary>
internal sealed class ObjectRun
{
    private static readonly LogId Log = new(0x0123_4567_89AB_CDEF);

    private readonly World world;
    private readonly SimClock clock;
    private readonly MemoryObjectContainer durable;
    private readonly FaultyObjectContainer store;
    private readonly MemoryLogRegistry registry;
    private readonly BrokenObjects broken;
    private readonly ChunkFeed feed;
    private readonly ObjectStepLogOptions options;
    private readonly ObjectFaults faults;
    private readonly List<long> fences = [];
    private long acked;
    private long packedTo;
    private bool isWriterDone;

    private ObjectRun(int seed, BrokenObjects broken)
    {
        world = new World(seed, 200_000);
        clock = new SimClock(world, world.Lane);
        this.broken = broken;
        registry = new MemoryLogRegistry(seed);
        faults = ObjectFaults.Draw(world.Random);
        durable = new MemoryObjectContainer { PageSize = world.Random.Next(1, 9) };
        store = new FaultyObjectContainer(durable, world.Random, clock, world.Lane);
        feed = new ChunkFeed(Log, 2048 << world.Random.Next(0, 3), seed);
        options = new ObjectStepLogOptions
        {
            MaxInFlight = world.Random.Next(1, 6),
            RepeatSeconds = world.Pick([3, 10, 60]),
            TrySeconds = world.Pick([1, 3, 10]),
            ReadAhead = world.Random.Next(1, 9),
        };
    }

    /// <summary>Runs a seed; how many chunks were acknowledged, and how many calls something happened to.</summary>
    /// <exception cref="SimulationException">A law was broken.</exception>
    public static (long Acked, long Faulted, int Fences) Run(int seed, BrokenObjects broken)
    {
        var run = new ObjectRun(seed, broken);
        run.world.Run(run.RunAsync);
        return (run.acked, run.store.Faulted, run.fences.Count);
    }

    private async Task RunAsync()
    {
        await registry.InsertAsync(
            new LogRow { Log = Log, Address = "writer", Generation = 1, BootId = "sim", ProcessId = 1, CreatedAt = 0 }, CancellationToken.None);
        store.Faults = faults;
        var writer = new Lane(world, "writer");
        _ = writer.Run(() => WriteAsync(Device(writer))).ContinueWith(_ => isWriterDone = true, CancellationToken.None, TaskContinuationOptions.None, world.Lane);
        _ = TrimAsync(Device(world.Lane));
        _ = ReadAsync(Device(world.Lane));
        var until = world.Now + TimeSpan.FromMinutes(10);
        var end = world.Now + world.Between(0.1, world.Chance(0.5) ? 5 : 60);
        while (world.Now < end && !isWriterDone) await MishapAsync(writer);

        // Most writers are taken for dead while they write.
        var fencing = Enumerable.Range(1, world.Random.Next(1, 4)).Select(i => FenceAsync($"fence{i}")).ToList();
        while (!fencing.TrueForAll(static f => f.IsCompleted) && world.Now < until) await MishapAsync(writer);
        writer.Resume();
        store.Faults = ObjectFaults.None;
        await Task.WhenAll(fencing);
        // What is late arrives.
        await Task.Delay(TimeSpan.FromMinutes(5), clock);
        await FenceAsync("afterwards");
        await VerifyAsync();
    }

    private IStepLogStorage Device(Lane lane)
    {
        var own = new SimClock(world, lane);
        return broken.Device(broken.Container(store), options, own, world.Random.Next());
    }

    private async Task MishapAsync(Lane writer)
    {
        await Task.Delay(world.Between(0, 3), clock);
        switch (world.Random.Next(12))
        {
            case 0:
                store.Faults = faults.Storm;
                break;
            case 1:
                store.Faults = faults.Outage;
                await Task.Delay(world.Between(0, 2 * options.RepeatSeconds), clock);
                break;
            case 2:
                writer.Pause();
                break;
            case 3 when world.Chance(0.1):
                writer.Kill();
                isWriterDone = true;
                break;
            case < 8:
                store.Faults = faults;
                if (!writer.Dead) writer.Resume();
                break;
            default:
                break;
        }
    }

    private async Task WriteAsync(IStepLogStorage device)
    {
        var own = clock;
        var flying = new Queue<Task>();
        for (var count = world.Random.Next(1, 40); count > 0; count--)
        {
            var chunk = feed.Next(world.Random.Next(1, 4), world.Random.Next(1, 900));
            flying.Enqueue(AppendAsync(device, chunk));
            // A careless writer: it goes on after a failure, and the device must not.
            if (flying.Count >= device.MaxInFlight) await flying.Dequeue();
            if (world.Chance(0.5)) await Task.Delay(world.Between(0, world.Chance(0.1) ? 5 : 0.1), own);
        }

        await Task.WhenAll(flying);
    }

    private async Task AppendAsync(IStepLogStorage device, FedChunk chunk)
    {
        try
        {
            var lent = chunk.Bytes.ToArray();
            await device.AppendAsync(Log, chunk.At, lent, CancellationToken.None);
            Array.Fill(lent, (byte)0xDD);
        }
        catch (Exception failure) when (failure is LogFencedException or TimeoutException)
        {
            world.Log($"chunk {chunk.At.Number}: {failure.GetType().Name}");
            return;
        }
        catch (Exception failure)
        {
            world.Fail($"the append of chunk {chunk.At.Number} failed: {failure}");
            return;
        }

        acked = Math.Max(acked, chunk.At.Number + 1);
        world.Log($"chunk {chunk.At.Number} acknowledged");
        for (var number = packedTo; number < acked; number++)
            if (!await IsStoredAsync(number)) world.Fail($"law L1: chunk {chunk.At.Number} was acknowledged, and chunk {number} is not stored");
        if (fences.Count > 0 && chunk.At.Number >= fences[0]) world.Fail($"law L2: chunk {chunk.At.Number} was acknowledged, and the fence is {fences[0]}");
    }

    private async Task<bool> IsStoredAsync(long number) =>
        await durable.GetAsync(ObjectNames.Chunk(Log, number), CancellationToken.None) is { } stored
            ? stored.AsSpan().SequenceEqual(feed.Chunks[(int)number].Bytes) || number < packedTo
            : number < packedTo;

    private async Task FenceAsync(string name)
    {
        var lane = new Lane(world, name);
        var fence = new LogFence(registry, Device(lane));
        var row = await lane.Run(async () =>
        {
            while (true)
            {
                try
                {
                    return await fence.FenceAsync(Log, CancellationToken.None);
                }
                catch (TimeoutException)
                {
                    // Unknown: it is called again.
                }
            }
        });
        var k = row.Fence!.Value;
        world.Log($"{name} fenced at {k}");
        if (acked > k) world.Fail($"law L2: {acked} chunks are acknowledged, and the fence is {k}");
        if (fences.Count > 0 && fences[0] != k) world.Fail($"law L2: one fence is {fences[0]}, another {k}");
        // The registry gives every later caller the same: the device by itself must, too.
        var again = await Device(world.Lane).FenceAsync(Log, row.TrimmedTo, CancellationToken.None).AsTask().OrNullAsync();
        if (again is { } end && end.Fence != k) world.Fail($"law L2: the device gave the fence {k}, and then {end.Fence}");
        fences.Add(k);
    }

    // As the archiver does: read, "publish", move the registry's mark while the log is open, free.
    private async Task TrimAsync(IStepLogStorage device)
    {
        while (true)
        {
            await Task.Delay(world.Between(0.1, 20), clock);
            try
            {
                var to = packedTo + ((acked - packedTo) * world.Random.Next(0, 5) / 4);
                if (await registry.ReadAsync(Log, CancellationToken.None) is not { State: LogState.Open } row || to <= row.TrimmedTo) continue;
                if (await ReadAsync(device, packedTo, to) < to) continue;
                if (await registry.ReplaceAsync(row with { TrimmedTo = to }, CancellationToken.None) is null) continue;
                packedTo = to;
                await device.TrimAsync(Log, to, CancellationToken.None);
                world.Log($"freed below {to}");
            }
            catch (TimeoutException)
            {
                // The next round frees it.
            }
        }
    }

    private async Task ReadAsync(IStepLogStorage device)
    {
        while (true)
        {
            await Task.Delay(world.Between(0.1, 10), clock);
            var (from, end) = (packedTo, fences.Count > 0 ? fences[0] : acked);
            try
            {
                var read = await ReadAsync(device, from, end);
                if (read < end && from == packedTo) world.Fail($"law L3: chunk {read} of [{from}, {end}) is missing");
            }
            catch (TimeoutException)
            {
                // Nothing was said.
            }
        }
    }

    /// <summary>Reads a range and compares it; where the reading ended.</summary>
    private async Task<long> ReadAsync(IStepLogStorage device, long from, long end)
    {
        var next = from;
        try
        {
            await foreach (var chunk in device.ReadAsync(Log, from, end, CancellationToken.None))
            {
                if (chunk.Header.Address.Number != next) world.Fail($"law L3: chunk {chunk.Header.Address.Number} was read for {next}");
                if (!feed.Chunks[(int)next].Frames.SequenceEqual(chunk.Frames.Span)) world.Fail($"law L3: other bytes in chunk {next}");
                next++;
            }
        }
        catch (ChunkTrimmedException trimmed) when (trimmed.Number < packedTo)
        {
            return next;
        }
        catch (Exception failure) when (failure is ChunkTrimmedException or LogCorruptException)
        {
            world.Fail($"law L3: reading [{from}, {end}) failed at {next}: {failure.Message}");
        }

        return next;
    }

    private async Task VerifyAsync()
    {
        var k = fences[0];
        for (var pass = 0; pass < 2; pass++)
            if (await ReadAsync(Device(world.Lane), packedTo, k) != k) world.Fail($"law L3: the log ends before its fence {k}");
        var last = feed.Chunks[^1];
        try
        {
            // Whoever took the log for its own finds the fence, however late.
            await Device(world.Lane).AppendAsync(Log, last.At with { Number = k }, Renumbered(last, k), CancellationToken.None);
            world.Fail($"law L2: a chunk was taken at the fence {k}");
        }
        catch (LogFencedException)
        {
        }
    }

    private static byte[] Renumbered(FedChunk chunk, long number)
    {
        var bytes = chunk.Bytes.ToArray();
        ChunkCodec.Seal(bytes, Log, chunk.At with { Number = number }, 0, 1, chunk.FrameBytes);
        return bytes;
    }
}
