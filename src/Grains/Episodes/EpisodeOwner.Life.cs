using System.Buffers;
using Rollbook.StepLog;

namespace Rollbook.Episodes;

// The episode's life: opened, resumed, ended.
public sealed partial class EpisodeOwner
{
    /// <summary>Creates the episode, or finds it created by the same start.</summary>
    public async ValueTask<StartReply> OpenAsync(OpenEpisode request)
    {
        var code = await KnowAsync();
        if (code == RollbookCode.EpisodeNotFound) code = await CreateAsync(request);
        if (code != RollbookCode.Ok) return Refused(code);
        var record = Tail!.Record;
        if (record.StartHash != request.Record.StartHash || record.Worker != request.Record.Worker) return Refused(RollbookCode.EpisodeExists);
        if (request.AlreadyEnded is { } end && !Tail.Ended) await EndAsync(end);
        return Tail is null ? Refused(RollbookCode.Unavailable) : Started();
    }

    /// <summary>Re-opens a lost episode, or gives a running one a new writer.</summary>
    public async ValueTask<StartReply> ResumeAsync(string? writer)
    {
        var code = await KnowAsync();
        if (code != RollbookCode.Ok) return Refused(code);
        try
        {
            if (Tail!.Ended)
            {
                if (Tail.Status != EpisodeStatus.Lost || Tail.Record.EndCause == Ending.DamagedCause) return Refused(await FinalAsync(GapOrEnd(Tail)));
                // Re-opening is a claim of its own, so that it can't cross a sealing.
                code = await ReclaimAsync();
                if (code != RollbookCode.Ok) return Refused(code);
            }

            var running = Tail!.Record with { Status = EpisodeStatus.Running, EndCause = null, EndTime = null, FinalScore = null };
            await core.Log.Append(claim!, FrameKind.Resume, 0, Encode(Tail.With(running, Tail.WriterEpoch + 1, writer)));
            deadline?.Cancel();
            deadline = core.Deadlines.Watch(running.DeadlineSeconds, expired);
            Sign();
            return Started();
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
            var tail = Tail!;
            if (request.WriterEpoch < tail.WriterEpoch) return new EndReply(await FinalAsync(RollbookCode.WriterFenced), null, tail.NextOrdinal);
            if (tail.Ended)
            {
                if (claim is not null) await claim.LastCommit;
                var same = Ending.Same(tail.Record, request) || request.Status is EpisodeStatus.Superseded or EpisodeStatus.Lost;
                return new EndReply(same ? RollbookCode.Ok : await FinalAsync(RollbookCode.EndConflict), tail.Record, tail.NextOrdinal);
            }

            if (request.NextOrdinal is { } next && next != tail.NextOrdinal)
                return new EndReply(await FinalAsync(next > tail.NextOrdinal ? RollbookCode.OrdinalGap : RollbookCode.OrdinalConflict), null, tail.NextOrdinal);
            await AppendEnd(request);
            ended(tail.Record);
            return new EndReply(RollbookCode.Ok, tail.Record, tail.NextOrdinal);
        }
        catch (Exception failure) when (CodeOf(failure) is { } refused)
        {
            return new EndReply(refused, null, 0);
        }
    }

    /// <summary>Wakes an unfinished episode: it is claimed, and its deadline runs from now.</summary>
    public async ValueTask NudgeAsync() => await KnowAsync();

    /// <summary>Ends the episode as lost where its deadline has really passed.</summary>
    public async ValueTask CheckDeadlineAsync()
    {
        if (claim is null || Tail!.Ended) return;
        if (deadline is not { Overdue: true })
        {
            // A sign of life came between the expiry and this call.
            deadline?.Cancel();
            deadline = core.Deadlines.Watch(Tail.Record.DeadlineSeconds, expired);
            return;
        }

        var reply = await EndAsync(new EndEpisode { Status = EpisodeStatus.Lost, Cause = "silent" });
        // Storage was away: the watch goes on, and the next expiry tries again.
        if (reply.Code == RollbookCode.Busy && claim is not null) deadline = core.Deadlines.Watch(1, expired);
    }

    /// <summary>The activation goes. What it ended is forgotten by the log; what it left unfinished stays claimed, for the next activation to take over.</summary>
    public void Leave()
    {
        if (claim is { DurablyEnded: true } over) core.Log.Forget(over);
        Depose();
    }

    private async ValueTask<RollbookCode> ReclaimAsync()
    {
        var read = await core.Headers.ReadAsync(key, CancellationToken.None);
        if (read is null) return RollbookCode.EpisodeNotFound;
        claim = null;
        endedTail = null;
        return await TakeAsync(await core.Claimer.ClaimAsync(read, CancellationToken.None));
    }

    private Task AppendEnd(EndEpisode request)
    {
        var tail = claim!.Tail;
        var record = Ending.Apply(tail.Record, request, core.Now);
        var commit = core.Log.Append(claim, FrameKind.End, 0, Encode(tail.With(record, tail.WriterEpoch, tail.Writer)));
        deadline?.Cancel();
        return commit;
    }

    private StartReply Started() => new()
    {
        Code = RollbookCode.Ok,
        Record = Tail!.Record,
        NextOrdinal = Tail.NextOrdinal,
        WriterEpoch = Tail.WriterEpoch,
    };

    private static StartReply Refused(RollbookCode code) => new() { Code = code, RetryAfterSeconds = 1 };

    private static ReadOnlySpan<byte> Encode(EpisodeTail tail)
    {
        var bytes = new ArrayBufferWriter<byte>();
        TailCodec.Write(bytes, tail, withHashes: false);
        return bytes.WrittenSpan;
    }
}
