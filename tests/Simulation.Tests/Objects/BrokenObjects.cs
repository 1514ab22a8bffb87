using Rollbook.StepLog;
using Rollbook.Testing;

namespace Rollbook.Simulation.Tests.Objects;

/// <summary>A rule of the object device that is taken away. This one takes none.</summary>
internal class BrokenObjects
{
    public static readonly BrokenObjects None = new();

    /// <summary>The store as a device reaches it.</summary>
    public virtual IObjectContainer Container(IObjectContainer store) => store;

    /// <summary>A process's device.</summary>
    public virtual IStepLogStorage Device(IObjectContainer store, ObjectStepLogOptions options, TimeProvider time, int seed) =>
        new ObjectStepLogStorage(store, options, time, seed);
}

/// <summary>Puts have no condition: whoever comes last wins.</summary>
internal sealed class PutsWithoutCondition : BrokenObjects
{
    public override IObjectContainer Container(IObjectContainer store) => new Overwriting(store);

    private sealed class Overwriting(IObjectContainer inner) : DelegatingObjectContainer(inner)
    {
        public override async ValueTask<bool> PutNewAsync(string name, ReadOnlyMemory<byte> bytes, CancellationToken cancellation)
        {
            await Inner.PutAsync(name, bytes, cancellation);
            return true;
        }
    }
}

/// <summary>A refusal is taken for the answer to an earlier try of one's own, whatever is there.</summary>
internal sealed class ConflictIsSuccess : BrokenObjects
{
    public override IObjectContainer Container(IObjectContainer store) => new Believing(store);

    private sealed class Believing(IObjectContainer inner) : DelegatingObjectContainer(inner)
    {
        public override async ValueTask<bool> PutNewAsync(string name, ReadOnlyMemory<byte> bytes, CancellationToken cancellation) =>
            await Inner.PutNewAsync(name, bytes, cancellation) || bytes.Length > FenceObject.Length;
    }
}

/// <summary>A chunk is acknowledged when it is stored, whatever stands before it.</summary>
internal sealed class AcksEachByItself : BrokenObjects
{
    public override IStepLogStorage Device(IObjectContainer store, ObjectStepLogOptions options, TimeProvider time, int seed) =>
        new Loose(base.Device(store, options, time, seed), store, options, time, seed);

    private sealed class Loose(IStepLogStorage inner, IObjectContainer store, ObjectStepLogOptions options, TimeProvider time, int seed) : DelegatingStepLogStorage(inner)
    {
        private readonly ObjectCalls calls = new(options, time, seed);

        public override async ValueTask AppendAsync(LogId log, ChunkAddress at, ReadOnlyMemory<byte> chunk, CancellationToken cancellation) =>
            await LoosePut.RunAsync(store, calls, log, at, chunk);
    }
}

/// <summary>After a chunk whose outcome is unknown the next ones are put and acknowledged as if nothing had been.</summary>
internal sealed class GoesOnAfterPoison : BrokenObjects
{
    public override IStepLogStorage Device(IObjectContainer store, ObjectStepLogOptions options, TimeProvider time, int seed) =>
        new Forgetful(base.Device(store, options, time, seed), store, options, time, seed);

    private sealed class Forgetful(IStepLogStorage inner, IObjectContainer store, ObjectStepLogOptions options, TimeProvider time, int seed) : DelegatingStepLogStorage(inner)
    {
        private readonly ObjectCalls calls = new(options, time, seed);
        private Task last = Task.CompletedTask;

        public override async ValueTask AppendAsync(LogId log, ChunkAddress at, ReadOnlyMemory<byte> chunk, CancellationToken cancellation)
        {
            var before = last;
            var put = LoosePut.RunAsync(store, calls, log, at, chunk);
            last = put;
            try
            {
                await before;
            }
            catch (TimeoutException)
            {
                // Its own caller knows.
            }

            await put;
        }
    }
}
