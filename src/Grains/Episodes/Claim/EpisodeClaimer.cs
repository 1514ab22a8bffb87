using Rollbook.Recovery;
using Rollbook.StepLog;

namespace Rollbook.Episodes;

/// <summary>
/// How an activation comes to own its episode: (a) stop the old owner, (b) read the tail after that, (c) make a start frame durable in the own log,
/// (d) compare-and-swap the header. Safety comes from these conditional writes alone, never from membership or clocks.
/// </summary>
internal sealed class EpisodeClaimer(
    WriteAheadLog log, IHeaderStore headers, LogRows rows, ILogPeers peers, LogRecovery recovery,
    FrameSource frames, TimeProvider time, Func<string> mintNonce, Task registered)
{
    /// <summary>Creates an episode: its first term, in the own log.</summary>
    /// <returns>Unavailable where a header exists by now: the caller reads it and goes on as for an existing episode.</returns>
    public ValueTask<ClaimResult> CreateAsync(EpisodeRecord record, string? writer, CancellationToken cancellation) =>
        WinAsync(null, new EpisodeTail(record, StepSummary.Empty, writerEpoch: 1, writer), RollbookCode.Ok, cancellation);

    /// <summary>
    /// Claims an existing episode. One whose log is damaged behind the tail is claimed as ended, by the start frame itself: a claim that was made before its ending
    /// would let the next recovery, which finds a whole log, go on with it.
    /// </summary>
    /// <returns>With Damaged and a claim: it ended so by this call.</returns>
    public async ValueTask<ClaimResult> ClaimAsync(EpisodeHeader header, CancellationToken cancellation)
    {
        // While it is being sealed it stands still; once it is archived, scores and labels are added to it and nothing else.
        if (header.State == HeaderState.Deleted) return new ClaimResult(RollbookCode.EpisodeDeleted, header, null);
        if (header.State == HeaderState.Sealing) return new ClaimResult(RollbookCode.EpisodeEnded, header, null);
        var (code, tail, damaged) = await StopAndReadAsync(header, cancellation);
        if (tail is null) return new ClaimResult(code, header, null);
        return damaged && !tail.Ended
            ? await WinAsync(header, Damaged(tail), RollbookCode.Damaged, cancellation)
            : await WinAsync(header, tail, RollbookCode.Ok, cancellation);
    }

    /// <summary>
    /// The tail of an episode that has ended, without a claim: an ending other than lost is final, so whoever finds it in the header's newest extent may answer
    /// from it. Null where it has not ended or its log does not say.
    /// </summary>
    public async ValueTask<EpisodeTail?> FindEndedAsync(EpisodeHeader header, LogLibrary library, CancellationToken cancellation)
    {
        // The pass over a dead log met its unfinished episodes: no frame need be read to know that one of them runs.
        if (await rows.ReadAsync(header.Owner, cancellation) is { State: LogState.Fenced } && await recovery.RanAsync(header.Owner, header.Key, header.Term, cancellation)) return null;
        var (entries, _) = await library.FramesAsync(header.Owner, header.Key, 0, int.MaxValue, cancellation);
        return await FrameFold.EndedTailAsync(frames, header.Owner, header.Key, header.Term, entries, cancellation);
    }

    /// <summary>Stops the old owner and reads the tail after that, for what is no claim of a silo's: see <see cref="EpisodeSealer"/>.</summary>
    public async ValueTask<(EpisodeTail? Tail, bool Damaged)> StopAsync(EpisodeHeader header, CancellationToken cancellation)
    {
        var (_, tail, damaged) = await StopAndReadAsync(header, cancellation);
        return (tail, damaged);
    }

    private async ValueTask<(RollbookCode Code, EpisodeTail? Tail, bool Damaged)> StopAndReadAsync(EpisodeHeader header, CancellationToken cancellation)
    {
        var row = await rows.ReadAsync(header.Owner, cancellation);
        if (row is null) return (RollbookCode.Unavailable, null, false);
        if (row.State is LogState.Open or LogState.Fencing)
        {
            var reply = await peers.ReleaseAsync(row, header.Key, header.Term, cancellation);
            switch (reply.Outcome)
            {
                case ReleaseOutcome.Released when reply.Tail is not null:
                    return (RollbookCode.Ok, reply.Tail, false);
                case ReleaseOutcome.Released:
                    return await ReadReleasedAsync(header, row, cancellation);
                case ReleaseOutcome.NoAnswer:
                    return (RollbookCode.Unavailable, null, false);
            }
        }

        // LoadAsync fences where nobody has: the tail is read after the fence.
        var (tail, damaged) = await recovery.TailAsync(header.Owner, header.Key, header.Term, cancellation);
        return (tail is null ? damaged ? RollbookCode.Damaged : RollbookCode.Unavailable : RollbookCode.Ok, tail, damaged);
    }

    // The old owner holds no claim of it any more: it ended there, and its frames say how.
    private async ValueTask<(RollbookCode Code, EpisodeTail? Tail, bool Damaged)> ReadReleasedAsync(
        EpisodeHeader header, LogRow row, CancellationToken cancellation)
    {
        var entries = header.Owner == log.Id
            ? await log.FramesOfAsync(header.Key, 0, int.MaxValue, cancellation)
            : await peers.FramesAsync(row, header.Key, 0, int.MaxValue, cancellation);
        if (entries is null) return (RollbookCode.Unavailable, null, false);
        var tail = await FrameFold.TailAsync(frames, header.Owner, header.Key, header.Term, entries, damaged: false, cancellation);
        return (tail is null ? RollbookCode.Unavailable : RollbookCode.Ok, tail, false);
    }

    private async ValueTask<ClaimResult> WinAsync(EpisodeHeader? old, EpisodeTail tail, RollbookCode won, CancellationToken cancellation)
    {
        // A claim in a log that no registry row names could never be recovered.
        await registered.WaitAsync(cancellation);
        var term = (old?.Term ?? 0) + 1;
        LogClaim claim;
        Task commit;
        try
        {
            claim = log.Begin(term, tail, out commit);
        }
        catch (Exception refused) when (refused is LogBusyException or StorageFullException)
        {
            return new ClaimResult(RollbookCode.Busy, old, null);
        }

        var nonce = mintNonce();
        var mayBeWon = false;
        EpisodeHeader? stored;
        try
        {
            await commit.WaitAsync(cancellation);
            mayBeWon = true;
            stored = await SwapAsync(old, tail.Key, term, nonce, cancellation);
        }
        catch (Exception failure)
        {
            // Without an answer the header may name this claim, now or a while later: it must not be lost from sight until then.
            if (mayBeWon && failure is not StorageFullException) log.Doubt(claim, nonce);
            else log.Forget(claim);
            throw;
        }

        if (stored is null)
        {
            log.Forget(claim);
            return new ClaimResult(RollbookCode.Unavailable, old, null);
        }

        log.Confirm(claim);
        return new ClaimResult(won, stored, claim);
    }

    private EpisodeTail Damaged(EpisodeTail tail)
    {
        var lost = new EndEpisode { Status = EpisodeStatus.Lost, Cause = Ending.DamagedCause };
        var ended = tail.With(Ending.Apply(tail.Record, lost, time.GetUtcNow().ToUnixTimeMilliseconds() / 1000.0), tail.WriterEpoch, tail.Writer);
        ended.Hashes.CopyFrom(tail.Hashes);
        return ended;
    }

    private async ValueTask<EpisodeHeader?> SwapAsync(EpisodeHeader? old, EpisodeKey key, long term, string nonce, CancellationToken cancellation)
    {
        var wanted = new EpisodeHeader
        {
            Key = key,
            Term = term,
            Owner = log.Id,
            Extents = [.. old?.Extents ?? [], new Extent(term, log.Id)],
            State = old?.State ?? HeaderState.Open,
            Nonce = nonce,
            ETag = old?.ETag,
        };
        if (await headers.WriteAsync(wanted, cancellation) is { } stored) return stored;
        // The write may have been applied although its answer said otherwise: the nonce tells.
        var read = await headers.ReadAsync(key, cancellation);
        return read?.Nonce == wanted.Nonce ? read : null;
    }
}
