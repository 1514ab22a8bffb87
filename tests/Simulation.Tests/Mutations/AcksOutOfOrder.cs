using Rollbook.Simulation.Tests.Engine;
using Rollbook.Simulation.Tests.Objects;
using Rollbook.StepLog;

namespace Rollbook.Simulation.Tests.Mutations;

/// <summary>
/// A device that counts the answers of its puts instead of matching them: whichever chunk was stored, the oldest waiting one is acknowledged.
/// </summary>
internal sealed class AcksOutOfOrder : Mutation
{
    public override IStepLogStorage Storage(World world, IStepLogStorage store) => new Bare(store);

    public override IStepLogStorage Objects(World world, IObjectContainer store, ObjectStepLogOptions options, TimeProvider time) =>
        new AcksEachByItself().Device(store, options, time, world.Random.Next());

    public override IStepLogStorage Device(IStepLogStorage device) => new Counting(device);

    /// <summary>Answers a put when that chunk is stored, whatever stands before it.</summary>
    private sealed class Bare(IStepLogStorage inner) : StorageDecorator(inner)
    {
        public override async ValueTask AppendAsync(LogId log, ChunkAddress at, ReadOnlyMemory<byte> chunk, CancellationToken cancellation)
        {
            // Stored when the call returns; its task would end when all before it are stored too.
            var stored = Inner.AppendAsync(log, at, chunk, cancellation).AsTask();
            if (stored.IsCompleted) await stored;
            else _ = stored.ContinueWith(static t => t.Exception, TaskScheduler.Current);
        }
    }

    private sealed class Counting(IStepLogStorage inner) : StorageDecorator(inner)
    {
        private readonly SortedDictionary<long, TaskCompletionSource> waiting = [];

        public override async ValueTask AppendAsync(LogId log, ChunkAddress at, ReadOnlyMemory<byte> chunk, CancellationToken cancellation)
        {
            var answer = new TaskCompletionSource();
            waiting[at.Number] = answer;
            _ = PutAsync(log, at, chunk, answer);
            await answer.Task;
        }

        private async Task PutAsync(LogId log, ChunkAddress at, ReadOnlyMemory<byte> chunk, TaskCompletionSource answer)
        {
            try
            {
                await Inner.AppendAsync(log, at, chunk, CancellationToken.None);
                var (number, oldest) = waiting.First();
                waiting.Remove(number);
                oldest.TrySetResult();
            }
            catch (Exception failure)
            {
                answer.TrySetException(failure);
            }
        }
    }
}
