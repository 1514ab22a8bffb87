using Rollbook.Episodes;
using Rollbook.StepLog;

namespace Rollbook.Simulation.Tests.Mutations;

/// <summary>An activation that follows another on the same silo waits for what is in flight, but does not stop the other first.</summary>
internal sealed class OwnLogWithoutMinimumTerm : Mutation
{
    public override async ValueTask<ReleaseReply> ReleaseOwnAsync(LogService service, WriteAheadLog log, EpisodeKey key, long term)
    {
        var claim = log.Find(key);
        while (claim is not null && claim.Term > term) claim = claim.Older;
        if (claim is null) return new ReleaseReply(ReleaseOutcome.Released, null);
        await claim.LastCommit;
        return new ReleaseReply(ReleaseOutcome.Released, claim.Tail.Copy());
    }
}
