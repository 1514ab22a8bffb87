using Rollbook.StepLog;

namespace Rollbook.Episodes;

/// <summary>
/// Forgets claims that other logs have taken over. Until then the log tells of them, in queries and in runs of owned frames: the silo that asked for the release may have
/// died before it won.
/// </summary>
internal sealed class ReleasedClaims(WriteAheadLog log, IHeaderStore headers)
{
    private HashSet<LogClaim> lost = [];

    /// <summary>
    /// Reads the header of each, and forgets those that an earlier call found to be lost: a query that asked the winner's log just before it knew of its claim has ended by
    /// then.
    /// </summary>
    public async ValueTask SweepAsync(CancellationToken cancellation)
    {
        var now = new HashSet<LogClaim>();
        foreach (var claim in log.Released)
        {
            if (lost.Contains(claim)) log.Forget(claim);
            else if (await headers.ReadAsync(claim.Key, cancellation) is not { } header || header.Term > claim.Term || header.State is HeaderState.Archived or HeaderState.Deleted)
                now.Add(claim);
        }

        lost = now;
    }
}
