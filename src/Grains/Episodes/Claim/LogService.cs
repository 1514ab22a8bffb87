using Rollbook.StepLog;

namespace Rollbook.Episodes;

/// <summary>What a silo does for those who take over its episodes.</summary>
public sealed class LogService(WriteAheadLog log)
{
    /// <summary>The log of this silo.</summary>
    public LogId Log => log.Id;

    /// <summary>Stops an episode's owner here: minimum term first, then the flush, then the tail.</summary>
    public async ValueTask<ReleaseReply> ReleaseAsync(EpisodeKey key, long term, CancellationToken cancellation)
    {
        var claim = log.RaiseMinimumTerm(key, term + 1);
        if (claim is null) return new ReleaseReply(ReleaseOutcome.Released, null);
        try
        {
            await claim.LastCommit.WaitAsync(cancellation);
        }
        catch (LogPoisonedException)
        {
            // It will never write again, but what of it is durable only a fence can tell.
            return new ReleaseReply(ReleaseOutcome.NoAnswer, null);
        }

        return new ReleaseReply(ReleaseOutcome.Released, claim.Tail.Copy());
    }
}
