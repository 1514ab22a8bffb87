using Rollbook.StepLog;

namespace Rollbook.Episodes;

/// <summary>
/// Finds out what became of claims whose compare-and-swap gave no answer. The episode's next call would, too, but one that its worker left has none: no deadline would run,
/// and no list would tell of it.
/// </summary>
/// <param name="log">The log of this silo.</param>
/// <param name="headers">The headers.</param>
/// <param name="nudge">Wakes an episode's grain; a failure is its own matter: the next sweep wakes it again.</param>
internal sealed class DoubtfulClaims(WriteAheadLog log, IHeaderStore headers, Func<EpisodeKey, Task> nudge)
{
    private const int AtOnce = 16;

    /// <summary>
    /// Reads the header of each. What it does not name is forgotten once it can never be named any more; what it names is told of from now on, and its episode is woken, so
    /// that a claim of an activation takes its place.
    /// </summary>
    public async ValueTask SweepAsync(CancellationToken cancellation)
    {
        foreach (var some in log.Doubtful.Chunk(AtOnce))
        {
            cancellation.ThrowIfCancellationRequested();
            await Task.WhenAll(some.Select(claim => SettleAsync(claim, cancellation)));
        }
    }

    private async Task SettleAsync(LogClaim claim, CancellationToken cancellation)
    {
        // No header: the episode's creation may still arrive. Its worker was not told of it, and its logger opens it again.
        if (await headers.ReadAsync(claim.Key, cancellation) is not { } header) return;
        var isNamed = header.Term == claim.Term && header.Nonce == claim.Nonce;
        // Each header's change begins at the one before: behind another of this term it can't be applied any more.
        if (header.State == HeaderState.Deleted || (header.Term >= claim.Term && !isNamed))
        {
            log.Forget(claim);
            return;
        }

        if (isNamed) log.Confirm(claim);
        if (!claim.Tail.Ended) await nudge(claim.Key);
        // Nothing runs in one that has ended: its frames tell of it, and queries are told until it is packed.
        else if (isNamed) log.Forget(claim);
    }
}
