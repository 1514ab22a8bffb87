using System.Runtime.CompilerServices;
using Rollbook.Simulation.Tests.Engine;
using Rollbook.StepLog;

namespace Rollbook.Simulation.Tests.Network;

/// <summary>
/// The step log's device as one silo reaches it, by the rules of an object store: a put without an answer is sent again, for a minute; the same bytes are a
/// success, other ones mean fenced.
/// </summary>
internal sealed class SimStorage(World world, SimNetwork network, IStepLogStorage store, SimClock clock, Func<bool> moment, Action<LogId> fenceBegins) : IStepLogStorage
{
    private static readonly TimeSpan PutsAgainFor = TimeSpan.FromSeconds(60);

    public int MaxInFlight { get; } = world.Random.Next(1, 5);

    public async ValueTask ReserveAsync(LogId log, int segment, long bytes, CancellationToken cancellation)
    {
        if (world.Chance(network.Rates.Refused / 4)) throw new StorageFullException("full, for a while");
        await AgainAsync(() => network.CallAsync(() => store.ReserveAsync(log, segment, bytes, CancellationToken.None), 3));
    }

    public async ValueTask AppendAsync(LogId log, ChunkAddress at, ReadOnlyMemory<byte> chunk, CancellationToken cancellation)
    {
        var bytes = chunk.ToArray();
        moment();
        await AgainAsync(() => network.CallAsync(() => store.AppendAsync(log, at, bytes, CancellationToken.None), 3));
    }

    public async ValueTask<LogEnd> FenceAsync(LogId log, long trimmedTo, CancellationToken cancellation)
    {
        fenceBegins(log);
        return await network.SendAsync(async () =>
        {
            var end = await store.FenceAsync(log, trimmedTo, CancellationToken.None);
            world.Log($"log {log.Value & 0xFFFF:x4} fenced at {end.Fence}, probed from {trimmedTo}");
            return end;
        });
    }

    public async IAsyncEnumerable<StoredChunk> ReadAsync(LogId log, long from, long end, [EnumeratorCancellation] CancellationToken cancellation)
    {
        for (var number = from; number < end; number++)
        {
            var bytes = await network.SendAsync(() => WholeAsync(store, log, number));
            if (bytes is null) yield break;
            if (!ChunkCodec.TryOpen(bytes, out var header)) throw new LogCorruptException(log, number, "simulation");
            yield return new StoredChunk(header, bytes.AsMemory(ChunkCodec.HeaderSize, header.FrameBytes));
        }
    }

    public async ValueTask ReadRangeAsync(LogId log, ChunkAddress at, int offsetInChunk, Memory<byte> into, CancellationToken cancellation) =>
        await network.CallAsync(() => store.ReadRangeAsync(log, at, offsetInChunk, into, CancellationToken.None));

    public async ValueTask TrimAsync(LogId log, long to, CancellationToken cancellation)
    {
        // Now and then at once, while another looks for the end.
        if (world.Chance(0.5)) await store.TrimAsync(log, to, CancellationToken.None);
        else await network.CallAsync(() => store.TrimAsync(log, to, CancellationToken.None));
        world.Log($"log {log.Value & 0xFFFF:x4} freed below {to}");
    }

    /// <summary>Header and frames of one chunk.</summary>
    private static async Task<byte[]?> WholeAsync(IStepLogStorage store, LogId log, long number)
    {
        await foreach (var chunk in store.ReadAsync(log, number, number + 1, CancellationToken.None))
        {
            if (chunk.Header.Address.Number != number) continue;
            var bytes = new byte[ChunkCodec.HeaderSize + chunk.Header.FrameBytes];
            await store.ReadRangeAsync(log, chunk.Header.Address, 0, bytes, CancellationToken.None);
            return bytes;
        }

        return null;
    }

    private async Task AgainAsync(Func<Task> call)
    {
        var until = world.Now + PutsAgainFor;
        while (true)
        {
            try
            {
                await call();
                return;
            }
            catch (TimeoutException) when (world.Now < until)
            {
            }

            await Task.Delay(world.Between(0.01, 0.3), clock);
        }
    }
}
