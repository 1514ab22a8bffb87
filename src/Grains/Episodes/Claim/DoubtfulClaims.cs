using Rollbook.StepLog;

namespace Rollbook.Episodes;

/// <summary>
/// Finds out what became of claims whose compare-and-swap gave no answer. The episode's next call would, too, but one that its worker left has none: no deadline would run,
/// and no list would tell of it.
/// </summary>
/// <param name="log">The log of this silo.</param>
/// <param name="headers">The headers.</param>
/// <param name="time">Measures for how long a swap may still arrive.</param>
/// <param name="nudge">Wakes an episode's grain; a failure is its own matter: the next sweep wakes it again.</param>
internal sealed class DoubtfulClaims(WriteAheadLog log, IHeaderStore headers, TimeProvider time, Func<EpisodeKey, Task> nudge)
{
    private const int AtOnce = 16;

    private Dictionary<LogClaim, long> since = [];
    private HashSet<LogClaim> lost = [];

    private enum Found
    {
        // To be looked at again.
        Open,
        // It was told of, and another has the episode now.
        Lost,
        // Nothing more comes of it.
        Over,
    }

    /// <summary>
    /// Reads the header of each. What it names is told of from now on, and its episode is woken, so that a claim of an activation takes its place. What it can never name any
    /// more is forgotten, at once where nobody was told of it; else, as released claims are, by the next call, when a query that asked the winner's log just before it knew of
    /// its claim has ended.
    /// </summary>
    public async ValueTask SweepAsync(CancellationToken cancellation)
    {
        var doubtful = log.Doubtful;
        var now = time.GetTimestamp();
        since = doubtful.ToDictionary(static claim => claim, claim => since.GetValueOrDefault(claim, now));
        var lostNow = new HashSet<LogClaim>();
        foreach (var some in doubtful.Chunk(AtOnce))
        {
            cancellation.ThrowIfCancellationRequested();
            var found = await Task.WhenAll(some.Select(claim => LookAsync(claim, cancellation)));
            for (var i = 0; i < some.Length; i++)
            {
                if (found[i] == Found.Over || (found[i] == Found.Lost && lost.Contains(some[i]))) log.Forget(some[i]);
                else if (found[i] == Found.Lost) lostNow.Add(some[i]);
            }
        }

        lost = lostNow;
    }

    private async Task<Found> LookAsync(LogClaim claim, CancellationToken cancellation)
    {
        var header = await headers.ReadAsync(claim.Key, cancellation);
        var isNamed = header is not null && header.Term == claim.Term && header.Nonce == claim.Nonce;
        // Each header's change begins at the one before: behind another of this term it can't be applied any more.
        if (header is { State: HeaderState.Deleted } || (header?.Term >= claim.Term && !isNamed)) return claim.State == ClaimState.Owned ? Found.Lost : Found.Over;
        if (isNamed) log.Confirm(claim);
        // Nothing runs in one that has ended: its frames tell of it, and queries are told until it is packed.
        if (isNamed && claim.Tail.Ended) return Found.Over;
        if (header is not null && !claim.Tail.Ended)
        {
            // The claim that it makes has the term, whatever comes after it. A stop doesn't wait for that.
            await nudge(claim.Key).WaitAsync(cancellation);
            return Found.Open;
        }

        // Nobody claims it anew: it has ended, or there is no header, since its creation gave no answer. Its worker was not told of it, and its logger opens it again.
        return time.GetElapsedTime(since[claim]) < LateWrites.Window ? Found.Open : Found.Over;
    }
}
