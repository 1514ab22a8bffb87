using System.Runtime.CompilerServices;
using Rollbook.Simulation.Tests.Engine;
using Rollbook.StepLog;

namespace Rollbook.Simulation.Tests.Mutations;

/// <summary>The dead log is read as it was before its fence was put: what it took in between is not seen.</summary>
internal sealed class ReadBeforeFence : Mutation
{
    public override IStepLogStorage Storage(World world, IStepLogStorage store) => new Snapshots(world, store);

    private sealed class Snapshots(World world, IStepLogStorage inner) : StorageDecorator(inner)
    {
        private readonly Dictionary<LogId, long> ends = [];

        public override async ValueTask<LogEnd> FenceAsync(LogId log, long trimmedTo, CancellationToken cancellation)
        {
            ends.TryAdd(log, await FirstFreeAsync(log, trimmedTo));
            var between = new TaskCompletionSource();
            world.After(world.Between(0, 1), between.SetResult);
            await between.Task;
            return await Inner.FenceAsync(log, trimmedTo, cancellation);
        }

        public override async IAsyncEnumerable<StoredChunk> ReadAsync(
            LogId log, long from, long end, [EnumeratorCancellation] CancellationToken cancellation)
        {
            if (ends.TryGetValue(log, out var seen)) end = Math.Min(end, seen);
            if (from >= end) yield break;
            await foreach (var chunk in Inner.ReadAsync(log, from, end, cancellation)) yield return chunk;
        }
    }
}
