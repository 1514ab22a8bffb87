using System.Buffers;
using Rollbook.Episodes;

namespace Rollbook.StepLog;

// The claims that the log holds: who may append, and what recovery would find.
public sealed partial class WriteAheadLog
{
    private readonly HashSet<LogClaim> released = [];
    private readonly HashSet<LogClaim> doubtful = [];

    /// <summary>The newest claim of an episode in this log; null where it has none.</summary>
    public LogClaim? Find(EpisodeKey key)
    {
        lock (gate) return claims.GetValueOrDefault(key);
    }

    /// <summary>
    /// Takes the start frame of a new term. The claim is pending: nothing else may be appended until <see cref="Confirm"/>.
    /// </summary>
    /// <param name="term">The header's term plus one.</param>
    /// <param name="tail">The episode as the previous term left it; the log keeps it.</param>
    /// <param name="commit">The task of the start frame's commit.</param>
    /// <exception cref="StaleTermException">This log owns the episode at that term or a newer one.</exception>
    public LogClaim Begin(long term, EpisodeTail tail, out Task commit)
    {
        var payload = new ArrayBufferWriter<byte>();
        TailCodec.Write(payload, tail, withHashes: false);
        lock (gate)
        {
            var older = claims.GetValueOrDefault(tail.Key);
            // It could only lose, and its start would stand behind newer steps: an episode's ordinals never fall within one log.
            if (older is { State: ClaimState.Owned } && older.Term >= term) throw new StaleTermException(tail.Key, term);
            var length = FrameCodec.LengthOf(tail.Key, payload.WrittenCount);
            CheckRoom(length);
            var batch = Admit(length);
            var claim = new LogClaim(tail.Key, term, tail, older);
            claims[tail.Key] = claim;
            batch.Add(claim, FrameKind.Start, tail.Key, term, tail.NextOrdinal, 0, payload.WrittenSpan);
            commit = Enqueued(claim, batch);
            return claim;
        }
    }

    /// <summary>The header's compare-and-swap was seen to succeed: the claim owns the episode, and earlier ones in this log are over.</summary>
    public void Confirm(LogClaim claim)
    {
        lock (gate)
        {
            // A newer one was confirmed since, or it was forgotten: what comes late changes nothing.
            if (claim.State == ClaimState.Gone) return;
            claim.State = ClaimState.Owned;
            // Another silo read the header before its answer came here, and has asked for the episode already.
            if (claim.Closed) released.Add(claim);
            for (var older = claim.Older; older is not null; older = older.Older)
            {
                older.State = ClaimState.Gone;
                older.Closed = true;
            }

            claim.Older = null;
        }
    }

    /// <summary>
    /// Nobody knows whether the header's compare-and-swap was applied, or will be: the claim stays, as one that may be the owner, until somebody finds out. See
    /// <see cref="Doubtful"/>.
    /// </summary>
    /// <param name="claim">The claim.</param>
    /// <param name="nonce">The header's nonce, by which it is known again.</param>
    public void Doubt(LogClaim claim, string nonce)
    {
        lock (gate)
        {
            claim.Nonce = nonce;
            doubtful.Add(claim);
        }
    }

    /// <summary>Claims of which only the header can tell whether they were won; also those of which it has told, until a newer claim takes their place.</summary>
    public IReadOnlyList<LogClaim> Doubtful
    {
        get
        {
            lock (gate)
            {
                doubtful.RemoveWhere(static c => c.State == ClaimState.Gone);
                return [.. doubtful];
            }
        }
    }

    /// <summary>The claim is known to be lost, or the episode has ended and is not needed any more.</summary>
    public void Forget(LogClaim claim)
    {
        lock (gate)
        {
            KeepUnpacked(claim);
            claim.State = ClaimState.Gone;
            claim.Closed = true;
            if (claims.GetValueOrDefault(claim.Key) == claim)
            {
                if (claim.Older is { } older) claims[claim.Key] = older;
                else claims.Remove(claim.Key);
                return;
            }

            for (var newer = claims.GetValueOrDefault(claim.Key); newer is not null; newer = newer.Older)
                if (newer.Older == claim) newer.Older = claim.Older;
        }
    }

    /// <summary>
    /// Raises the minimum term of an episode: claims of lower terms take nothing more. Waiting without raising it first loses steps.
    /// </summary>
    /// <returns>
    /// The claim of the term just below the minimum, which the header names: also one whose compare-and-swap had an unknown outcome. Null where this log holds
    /// it no more.
    /// </returns>
    public LogClaim? RaiseMinimumTerm(EpisodeKey key, long minimum)
    {
        lock (gate)
        {
            LogClaim? stopped = null;
            for (var claim = claims.GetValueOrDefault(key); claim is not null; claim = claim.Older)
            {
                if (claim.Term >= minimum) continue;
                claim.Closed = true;
                if (claim.State == ClaimState.Owned) released.Add(claim);
                if (claim.Term == minimum - 1 && claim.State != ClaimState.Gone) stopped = claim;
            }

            return stopped;
        }
    }

    /// <summary>
    /// Claims that take nothing more since a newer term was asked for, and that this log must still tell of: whether the newer one came about, only the header knows.
    /// </summary>
    public IReadOnlyList<LogClaim> Released
    {
        get
        {
            lock (gate)
            {
                released.RemoveWhere(static c => c.State != ClaimState.Owned);
                return [.. released];
            }
        }
    }

    /// <summary>Returns when something of the claim was released after the call, or when its log failed.</summary>
    public Task WhenReleased(LogClaim claim)
    {
        lock (gate)
        {
            if (poisoned.Task.IsCompleted) return Task.CompletedTask;
            claim.Released ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            return claim.Released.Task;
        }
    }

    /// <summary>An episode's durable frames in this log from an ordinal on, in log order, at most <paramref name="limit"/>.</summary>
    public ValueTask<List<IndexEntry>> FramesOfAsync(EpisodeKey key, long from, int limit, CancellationToken cancellation) =>
        index.CollectAsync(key, from, limit, cancellation);
}
