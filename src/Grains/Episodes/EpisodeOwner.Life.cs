using System.Buffers;
using Rollbook.StepLog;

namespace Rollbook.Episodes;

// The episode's life: opened, resumed, ended.
public sealed partial class EpisodeOwner
{
    /// <summary>Creates the episode, or finds it created by the same start.</summary>
    public async ValueTask<StartReply> OpenAsync(OpenEpisode request)
    {
        var code = await KnowAsync(request);
        // It shared the outcome of a call that creates nothing.
        if (code == RollbookCode.EpisodeNotFound) code = await KnowAsync(request);
        if (code != RollbookCode.Ok) return Refused(code == RollbookCode.EpisodeNotFound ? RollbookCode.Unavailable : code);
        if (Tail is not { } tail) return Refused(RollbookCode.Unavailable);
        if (tail.Record.StartHash != request.Record.StartHash || tail.Record.Worker != request.Record.Worker) return Refused(RollbookCode.EpisodeExists);
        if (request.AlreadyEnded is { } end && !tail.Ended && await EndAsync(end) is { Code: not RollbookCode.Ok } notEnded) return Refused(notEnded.Code);
        if (Tail is null) return Refused(RollbookCode.Unavailable);
        var started = Started(Tail);
        try
        {
            // The reply's next ordinal is a promise: what it counts must be durable.
            if (claim is not null) await claim.LastCommit;
            return started;
        }
        catch (Exception failure) when (CodeOf(failure) is { } refused)
        {
            return Refused(refused);
        }
    }

    /// <summary>Re-opens a lost episode, or gives a running one a new writer.</summary>
    public async ValueTask<StartReply> ResumeAsync(string? writer)
    {
        var code = await KnowAsync();
        if (code != RollbookCode.Ok) return Refused(code);
        try
        {
            if (Tail is { Ended: true } over)
            {
                if (!MayResume(over)) return Refused(await FinalAsync(GapOrEnd(over)));
                // Re-opening is a claim of its own, so that it can't cross a sealing.
                code = await ReclaimAsync();
                if (code != RollbookCode.Ok) return Refused(code);
                // Another may have resumed it and ended it for good since.
                if (Tail is { Ended: true } now && !MayResume(now)) return Refused(await FinalAsync(GapOrEnd(now)));
            }

            if (claim is not { } mine) return Refused(RollbookCode.Unavailable);
            var tail = mine.Tail;
            var running = tail.Record with { Status = EpisodeStatus.Running, EndCause = null, EndTime = null, FinalScore = null, ReportedScore = null };
            var commit = core.Log.Append(mine, FrameKind.Resume, 0, Encode(tail.With(running, tail.WriterEpoch + 1, writer)));
            // As of this moment: the reply must not carry the epoch of a later resume.
            var started = Started(tail);
            deadline?.Cancel();
            deadline = core.Deadlines.Watch(running.DeadlineSeconds, expired);
            Sign();
            await commit;
            return started;
        }
        catch (Exception failure) when (CodeOf(failure) is { } refused)
        {
            return Refused(refused);
        }
    }

    /// <summary>Ends the episode. A repeat with the same content gives the same reply.</summary>
    public async ValueTask<EndReply> EndAsync(EndEpisode request)
    {
        var code = await KnowAsync();
        if (code != RollbookCode.Ok) return new EndReply(code, null, 0);
        try
        {
            if (Tail is not { } tail) return new EndReply(RollbookCode.Unavailable, null, 0);
            if (request.WriterEpoch < tail.WriterEpoch) return new EndReply(await FinalAsync(RollbookCode.WriterFenced), null, tail.NextOrdinal);
            if (tail.Ended)
            {
                var known = tail.Record;
                if (claim is not null) await claim.LastCommit;
                var same = Ending.Same(known, request) || request.Status is EpisodeStatus.Superseded or EpisodeStatus.Lost;
                // A lost episode may have been resumed elsewhere: its ending is no fact before the header says so.
                code = same && tail.Status != EpisodeStatus.Lost ? RollbookCode.Ok : await FinalAsync(same ? RollbookCode.Ok : RollbookCode.EndConflict);
                return new EndReply(code, known, tail.NextOrdinal);
            }

            if (request.NextOrdinal is { } next && next != tail.NextOrdinal)
                return new EndReply(await FinalAsync(next > tail.NextOrdinal ? RollbookCode.OrdinalGap : RollbookCode.OrdinalConflict), null, tail.NextOrdinal);
            var commit = AppendEnd(request);
            // As of this moment: a score that comes while the ending is in flight may not be durable with it.
            var over = tail.Record;
            await commit;
            ended(over);
            return new EndReply(RollbookCode.Ok, over, tail.NextOrdinal);
        }
        catch (Exception failure) when (CodeOf(failure) is { } refused)
        {
            return new EndReply(refused, null, 0);
        }
    }

    /// <summary>Wakes an unfinished episode: it is claimed, and its deadline runs from now.</summary>
    /// <returns>
    /// A term that its header has reached: what an earlier term's log left unfinished is another's matter. The greatest number where it was deleted, 0 where it has no
    /// header; null where nothing is known.
    /// </returns>
    public async ValueTask<long?> NudgeAsync() => await KnowAsync() switch
    {
        RollbookCode.Ok => claim?.Term ?? header?.Term,
        // The start frame may be durable all the same, and the episode's creation on its way.
        RollbookCode.EpisodeNotFound => 0,
        RollbookCode.EpisodeDeleted => long.MaxValue,
        _ => null,
    };

    /// <summary>Ends the episode as lost where its deadline has really passed.</summary>
    public async ValueTask CheckDeadlineAsync()
    {
        if (claim is not { Tail.Ended: false }) return;
        if (deadline is not { Overdue: true })
        {
            // A sign of life came between the expiry and this call.
            deadline?.Cancel();
            deadline = core.Deadlines.Watch(claim.Tail.Record.DeadlineSeconds, expired);
            return;
        }

        var reply = await EndAsync(new EndEpisode { Status = EpisodeStatus.Lost, Cause = "silent" });
        // Storage was away: the watch goes on, and the next expiry tries again.
        if (reply.Code == RollbookCode.Busy && claim is not null) deadline = core.Deadlines.Watch(1, expired);
    }

    /// <summary>The activation goes. What it ended is forgotten by the log; what it left unfinished stays claimed, for the next activation to take over.</summary>
    public void Leave()
    {
        // With a score in flight it stays claimed too: what nobody holds is read from the frames, and this one is none yet.
        if (claim is { DurablyEnded: true, LastCommit.IsCompletedSuccessfully: true } over) core.Log.Forget(over);
        Depose();
    }

    private static bool MayResume(EpisodeTail ended) => ended.Status == EpisodeStatus.Lost && ended.Record.EndCause != Ending.DamagedCause;

    private Task AppendEnd(EndEpisode request)
    {
        var tail = claim!.Tail;
        var record = Ending.Apply(tail.Record, request, core.Now);
        var commit = core.Log.Append(claim, FrameKind.End, 0, Encode(tail.With(record, tail.WriterEpoch, tail.Writer)));
        deadline?.Cancel();
        return commit;
    }

    private static StartReply Started(EpisodeTail? tail) => tail is null ? Refused(RollbookCode.Unavailable) : new StartReply
    {
        Code = RollbookCode.Ok,
        Record = tail.Record,
        NextOrdinal = tail.NextOrdinal,
        WriterEpoch = tail.WriterEpoch,
    };

    private static StartReply Refused(RollbookCode code) => new() { Code = code, RetryAfterSeconds = 1 };

    private static ReadOnlySpan<byte> Encode(EpisodeTail tail)
    {
        var bytes = new ArrayBufferWriter<byte>();
        TailCodec.Write(bytes, tail, withHashes: false);
        return bytes.WrittenSpan;
    }
}
