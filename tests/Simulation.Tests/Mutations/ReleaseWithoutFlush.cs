using Rollbook.Episodes;
using Rollbook.StepLog;

namespace Rollbook.Simulation.Tests.Mutations;

/// <summary>A silo that is asked for an episode stops writing it and answers at once, although steps are still in flight.</summary>
internal sealed class ReleaseWithoutFlush : Mutation
{
    public override ValueTask<ReleaseReply> ReleaseAsync(LogService service, WriteAheadLog log, EpisodeKey key, long term) =>
        ValueTask.FromResult(new ReleaseReply(ReleaseOutcome.Released, log.RaiseMinimumTerm(key, term + 1)?.Tail.Copy()));
}
