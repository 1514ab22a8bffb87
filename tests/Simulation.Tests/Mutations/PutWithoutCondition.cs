using Rollbook.Simulation.Tests.Engine;
using Rollbook.Simulation.Tests.Objects;
using Rollbook.StepLog;

namespace Rollbook.Simulation.Tests.Mutations;

/// <summary>An object store's client leaves the condition of a put out: whoever comes last wins, and a fence is no obstacle.</summary>
internal sealed class PutWithoutCondition : Mutation
{
    public override IStepLogStorage Objects(World world, IObjectContainer store, ObjectStepLogOptions options, TimeProvider time) =>
        base.Objects(world, new PutsWithoutCondition().Container(store), options, time);
}
