using System.Buffers;
using Rollbook.Archive;
using Rollbook.StepLog;

namespace Rollbook.Episodes;

/// <summary>
/// One activation of one episode: claims it at its first write, checks ordinals and hashes, hands frames to the log and waits for their commit.
/// Plain code that names no Orleans type: the grain forwards, and a simulation runs this very class.
/// </summary>
/// <remarks>
/// Calls come from one logical thread (a grain's turns) and may interleave at awaits. Everything between the ordinal check and the log's append is
/// synchronous, so that appends pipeline in order.
/// </remarks>
public sealed partial class EpisodeOwner
{
    private readonly EpisodeKey key;
    private readonly RecorderCore core;
    private readonly Action<EpisodeRecord> ended;
    private readonly Action expired;
    private readonly Func<EpisodeRecord, ValueTask<RollbookCode>> scored;
    private readonly EpisodeReader reader;
    private readonly ScoreReader scoreReader;
    private EpisodeHeader? header;
    private LogClaim? claim;
    private EpisodeTail? endedTail;
    private DeadlineEntry? deadline;
    private Task<RollbookCode>? claiming;
    private string? damage;
    private long lastSign;

    /// <summary>An activation that knows nothing yet.</summary>
    /// <param name="key">The episode.</param>
    /// <param name="core">What the silo's episodes share.</param>
    /// <param name="ended">Told when an ending became durable through this activation, and where one that was scored since is found.</param>
    /// <param name="expired">Told on a timer's thread when the deadline passed: the shell calls <see cref="CheckDeadlineAsync"/>.</param>
    /// <param name="scored">
    /// Told when the final score of an ended episode is durable, and awaited before it is acknowledged: the worker's history shows it by then. What it
    /// answers other than Ok is the caller's answer. Null = nobody needs to know.
    /// </param>
    public EpisodeOwner(
        EpisodeKey key, RecorderCore core, Action<EpisodeRecord> ended, Action expired, Func<EpisodeRecord, ValueTask<RollbookCode>>? scored = null)
    {
        this.key = key;
        this.core = core;
        this.ended = ended;
        this.expired = expired;
        this.scored = scored ?? (static _ => ValueTask.FromResult(RollbookCode.Ok));
        reader = new EpisodeReader(core.Library, core.Frames);
        scoreReader = new ScoreReader(core.Library, core.Frames);
        lastSign = core.Time.GetTimestamp();
    }

    /// <summary>True once this activation may not write any more and should go: another owns the episode, or its outcome is unknown.</summary>
    public bool Deposed { get; private set; }

    /// <summary>True when the episode has ended and nothing more is expected of this activation.</summary>
    public bool Finished => endedTail is not null || claim is { DurablyEnded: true };

    /// <summary>True while it owns the episode or knows how it ended.</summary>
    public bool Knows => Tail is not null;

    private EpisodeTail? Tail => claim?.Tail ?? endedTail;

    /// <summary>Records steps.</summary>
    public async ValueTask<AppendReply> AppendAsync(AppendSteps request)
    {
        if (claim is null && await KnowAsync() is var code && code != RollbookCode.Ok) return new AppendReply(code, 0, 0);
        try
        {
            EpisodeTail tail;
            DuplicateCheck check;
            for (long comparedTo = 0; ;)
            {
                // The tail may have moved while the record was read.
                if (Tail is not { } now) return new AppendReply(RollbookCode.Unavailable, 0, 0);
                tail = now;
                if (request.WriterEpoch < tail.WriterEpoch) return new AppendReply(await FinalAsync(RollbookCode.WriterFenced), tail.NextOrdinal, 0);
                if (request.From > tail.NextOrdinal) return new AppendReply(await FinalAsync(GapOrEnd(tail)), tail.NextOrdinal, 0);
                check = DuplicateCheck.Run(tail.Hashes, request, tail.NextOrdinal, comparedTo);
                if (check.OlderThanKept is not { } olderTo) break;
                var older = await CompareOlderAsync(request, olderTo);
                if (older.Code != RollbookCode.Ok) return older;
                comparedTo = olderTo;
            }

            if (check.ConflictAt is { } conflict) return new AppendReply(await FinalAsync(RollbookCode.OrdinalConflict), conflict, 0);
            if (check.Duplicates < request.Steps.Count && tail.Ended) return new AppendReply(await FinalAsync(GapOrEnd(tail)), tail.NextOrdinal, 0);
            return await CommitAsync(request, check);
        }
        catch (Exception failure) when (CodeOf(failure) is { } refused)
        {
            return new AppendReply(refused, 0, 0);
        }
    }

    /// <summary>
    /// Takes a batch that follows the tail, at once, and returns the task of its commit; null, and nothing taken, where there is more to look at: that is
    /// for <see cref="AppendAsync"/> to do, and to answer. A batch of nothing is one of those: it makes no frame.
    /// </summary>
    public Task? TryAppend(AppendSteps request)
    {
        if (request.Steps.Count == 0 || claim is not { Tail: { Ended: false } tail } mine || request.From != tail.NextOrdinal || request.WriterEpoch < tail.WriterEpoch) return null;
        try
        {
            Sign();
            var steps = ReceiveTimes.Ascending(tail.LastReceivedAt, request.Steps.Bytes.Span);
            return core.Log.Append(mine, FrameKind.Steps, request.Steps.Count, steps);
        }
        catch (Exception refused) when (refused is LogBusyException or StorageFullException or StaleTermException or LogPoisonedException)
        {
            return null;
        }
    }

    /// <summary>A sign of life of the writer.</summary>
    public async ValueTask<RollbookCode> HeartbeatAsync(long? writerEpoch)
    {
        if (await KnowAsync() is var code && code != RollbookCode.Ok) return code;
        try
        {
            if (Tail is not { } tail) return RollbookCode.Unavailable;
            if (writerEpoch < tail.WriterEpoch) return await FinalAsync(RollbookCode.WriterFenced);
            if (tail.Ended) return await FinalAsync(GapOrEnd(tail));
        }
        catch (Exception failure) when (CodeOf(failure) is { } refused)
        {
            return refused;
        }

        Sign();
        return RollbookCode.Ok;
    }

    private async ValueTask<AppendReply> CommitAsync(AppendSteps request, DuplicateCheck check)
    {
        var next = request.From + request.Steps.Count;
        Sign();
        if (check.Duplicates == request.Steps.Count)
        {
            // A duplicate of a step in flight waits for that flush and shares its fate.
            if (claim is not null && claim.DurableNext < next) await claim.LastCommit;
            return new AppendReply(RollbookCode.Ok, next, check.Duplicates);
        }

        var fresh = ReceiveTimes.Ascending(claim!.Tail.LastReceivedAt, request.Steps.Bytes.Span[check.DuplicateBytes..]);
        await core.Log.Append(claim, FrameKind.Steps, request.Steps.Count - check.Duplicates, fresh);
        return new AppendReply(RollbookCode.Ok, next, check.Duplicates);
    }

    // Steps that are older than the hashes kept are compared with the record itself.
    private async ValueTask<AppendReply> CompareOlderAsync(AppendSteps request, long to)
    {
        var at = request.From;
        var bytes = request.Steps.Bytes;
        if (claim is not null) await claim.LastCommit;
        if (header is null) return new AppendReply(RollbookCode.Unavailable, 0, 0);
        while (at < to)
        {
            var page = await reader.ReadAsync(header, at, to, (int)(to - at), CancellationToken.None);
            var recorded = page.Steps.Bytes;
            for (var i = 0; i < page.Steps.Count; i++)
            {
                var mine = StepEntry.Read(bytes.Span);
                var theirs = StepEntry.Read(recorded.Span);
                if (mine.Hash != theirs.Hash) return new AppendReply(await FinalAsync(RollbookCode.OrdinalConflict), at, 0);
                bytes = bytes[mine.Length..];
                recorded = recorded[theirs.Length..];
                at++;
            }

            if (page.Code != RollbookCode.Ok) return new AppendReply(page.Code, at, 0);
        }

        return new AppendReply(RollbookCode.Ok, 0, 0);
    }

    /// <summary>
    /// Gap, conflict, ended and fenced are final answers: given only while this claim is the newest that its log knows of and after one header read that
    /// still names it, and only of what is durable. Else the outcome is unavailable and this activation goes.
    /// </summary>
    private async ValueTask<RollbookCode> FinalAsync(RollbookCode answer)
    {
        if (claim is { } mine)
        {
            await mine.LastCommit;
            var read = await core.Headers.ReadAsync(key, CancellationToken.None);
            if (!mine.Closed && read?.Term == mine.Term && read.Owner == core.Log.Id && read.State != HeaderState.Deleted) return answer;
        }
        else if (endedTail is not null && header is { } known)
        {
            var read = await core.Headers.ReadAsync(key, CancellationToken.None);
            if (read?.Term == known.Term && read.Owner == known.Owner && read.State != HeaderState.Deleted) return answer;
        }

        Depose();
        return RollbookCode.Unavailable;
    }

    private static RollbookCode GapOrEnd(EpisodeTail tail) =>
        !tail.Ended ? RollbookCode.OrdinalGap
        : tail.Record.EndCause == Ending.DamagedCause && tail.Status == EpisodeStatus.Lost ? RollbookCode.Damaged
        : RollbookCode.EpisodeEnded;

    private RollbookCode? CodeOf(Exception failure)
    {
        switch (failure)
        {
            case LogBusyException or StorageFullException:
                return RollbookCode.Busy;
            case StaleTermException or LogPoisonedException or OwnerUnavailableException or LogVersionException or PackReplacedException or PackVersionException:
                Depose();
                return RollbookCode.Unavailable;
            case FrameDamagedException or PackDamagedException or LogCorruptException:
                return RollbookCode.Damaged;
            default:
                return null;
        }
    }

    private void Sign()
    {
        lastSign = core.Time.GetTimestamp();
        deadline?.Touch();
    }

    private void Depose()
    {
        Deposed = true;
        deadline?.Cancel();
        claim = null;
        endedTail = null;
        header = null;
    }
}
