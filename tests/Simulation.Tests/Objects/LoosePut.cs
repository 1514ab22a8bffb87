using Rollbook.StepLog;

namespace Rollbook.Simulation.Tests.Objects;

/// <summary>A put as the device does it, without its order.</summary>
internal static class LoosePut
{
    public static async Task RunAsync(IObjectContainer store, ObjectCalls calls, LogId log, ChunkAddress at, ReadOnlyMemory<byte> chunk)
    {
        var name = ObjectNames.Chunk(log, at.Number);
        var isStored = await calls.UntilAnsweredAsync(
            name,
            async token =>
            {
                if (await store.PutNewAsync(name, chunk, token)) return true;
                var there = await store.GetAsync(name, token) ?? throw new TimeoutException("refused");
                return chunk.Span.SequenceEqual(there);
            },
            CancellationToken.None);
        if (!isStored) throw new LogFencedException(log);
    }
}
