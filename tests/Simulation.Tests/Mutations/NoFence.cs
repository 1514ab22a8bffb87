using Rollbook.Simulation.Tests.Engine;
using Rollbook.StepLog;

namespace Rollbook.Simulation.Tests.Mutations;

/// <summary>The first free number is looked up, and no fence is put there: the log goes on taking chunks.</summary>
internal sealed class NoFence : Mutation
{
    public override IStepLogStorage Storage(World world, IStepLogStorage store) => new Unfenced(store);

    private sealed class Unfenced(IStepLogStorage inner) : StorageDecorator(inner)
    {
        public override async ValueTask<LogEnd> FenceAsync(LogId log, long trimmedTo, CancellationToken cancellation) =>
            new(await FirstFreeAsync(log, trimmedTo), 0);
    }
}
