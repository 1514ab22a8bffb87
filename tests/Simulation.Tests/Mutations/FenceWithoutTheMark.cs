using Rollbook.Simulation.Tests.Engine;
using Rollbook.StepLog;

namespace Rollbook.Simulation.Tests.Mutations;

/// <summary>The probe for the first free number begins at 0 instead of at the registry's mark, and takes what was freed for the end.</summary>
internal sealed class FenceWithoutTheMark : Mutation
{
    public override IStepLogStorage Storage(World world, IStepLogStorage store) => new Unmarked(store);

    private sealed class Unmarked(IStepLogStorage inner) : StorageDecorator(inner)
    {
        public override ValueTask<LogEnd> FenceAsync(LogId log, long trimmedTo, CancellationToken cancellation) => Inner.FenceAsync(log, 0, cancellation);
    }
}
