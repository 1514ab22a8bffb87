namespace Rollbook.Client;

// One batch after another, each until it has a final answer.
internal sealed partial class EpisodeOutbox
{
    private OutboxBatch? onTheWay;
    private int failures;
    private long firstFailure;

    // Under the gate. Null where a call is on its way, or there is nothing to send.
    private OutboxBatch? HeadToSend()
    {
        if (sending || refusal is not null || !batches.TryPeek(out var head)) return null;
        sending = true;
        if (head == open) open = null;
        return head;
    }

    private void Send(OutboxBatch head)
    {
        onTheWay = head;
        ValueTask<AppendReply> pending;
        try
        {
            pending = head.Texts.Count == 0 ? core.Transport.AppendAsync(Route, head.Request(writerEpoch)) : KeepAndAppendAsync(head);
        }
        catch (Exception failure)
        {
            pending = ValueTask.FromException<AppendReply>(failure);
        }

        call = pending.ConfigureAwait(false).GetAwaiter();
        // Also where it has completed already: the answer is then handled on another thread, and nothing recurses.
        call.UnsafeOnCompleted(onReply);
    }

    // A step may name only what is durable.
    private async ValueTask<AppendReply> KeepAndAppendAsync(OutboxBatch head)
    {
        foreach (var text in head.Texts)
        {
            if (await core.Texts.KeepAsync(text).ConfigureAwait(false) is not RollbookCode.Ok and var code) return new AppendReply(code, 0, 0, text.Sha256);
        }

        var reply = await core.Transport.AppendAsync(Route, head.Request(writerEpoch)).ConfigureAwait(false);
        if (reply.Code != RollbookCode.UnknownBlob || head.KeptAgain || !head.Texts.Any(text => text.Sha256 == reply.Blob)) return reply;
        // It was there: another recorder answers, or its archive was emptied. Once more, from the beginning.
        head.KeptAgain = true;
        foreach (var text in head.Texts) core.Texts.Forget(text.Sha256);
        return new AppendReply(RollbookCode.Unavailable, 0, 0);
    }

    private void OnReply()
    {
        AppendReply reply;
        Exception? failure = null;
        try
        {
            reply = call.GetResult();
        }
        catch (Exception error)
        {
            // Whatever it is, the outcome is unknown: that is the grain's contract.
            reply = new AppendReply(RollbookCode.Unavailable, 0, 0);
            failure = error;
        }

        var head = onTheWay!;
        call = default;
        if (reply.Code == RollbookCode.Ok && reply.NextOrdinal != head.Next)
        {
            failure = new InvalidDataException($"The recorder acknowledged up to {reply.NextOrdinal}, not {head.Next}");
            reply = new AppendReply(RollbookCode.Unavailable, 0, 0);
        }

        if (reply.Code == RollbookCode.Ok) OnAcknowledged(head);
        else if (Refusal.IsOpen(reply.Code)) OnUnknown(reply.Code, failure);
        else OnRefused(head, reply);
    }

    private void OnAcknowledged(OutboxBatch head)
    {
        OutboxBatch? send;
        BatchWaiters waiters;
        TaskCompletionSource? room;
        lock (gate)
        {
            if (refusal is not null) return;
            batches.Dequeue();
            bytes -= head.Weight;
            lastBatchBytes = head.Length;
            failures = 0;
            written = true;
            sending = false;
            waiters = head.TakeWaiters();
            room = TakeRoomMade();
            send = HeadToSend();
        }

        core.Budget.Release(head.Weight);
        // The next call before the callers: they may go on from here, and take their time.
        if (send is not null) Send(send);
        room?.SetResult();
        waiters.Complete(null);
    }

    private void OnUnknown(RollbookCode code, Exception? failure)
    {
        var time = core.Time;
        TimeSpan pause;
        List<BatchWaiters> waiters = [];
        Fate fate;
        TaskCompletionSource? room;
        lock (gate)
        {
            if (refusal is not null) return;
            if (failures++ == 0) firstFailure = time.GetTimestamp();
            var waited = time.GetElapsedTime(firstFailure);
            var left = core.Options.GiveUpAfter - waited;
            // A credential that is refused is refused again until somebody acts. The steps stay meanwhile: they are as good as before.
            if (left > TimeSpan.Zero && !(failure is AccessDeniedException refused && core.IsFinal(refused)))
            {
                pause = core.Pauses.After(failures);
                _ = SendLaterAsync(pause < left ? pause : left);
                return;
            }

            failures = 0;
            sending = false;
            giveUps++;
            fate = GivenUp(code, failure, waited);
            foreach (var batch in batches) waiters.Add(batch.TakeWaiters());
            room = TakeRoomMade();
        }

        room?.SetResult();
        foreach (var each in waiters) each.CompleteElsewhere(fate);
    }

    private async Task SendLaterAsync(TimeSpan pause)
    {
        await Task.Delay(pause, core.Time).ConfigureAwait(false);
        // Abandoned meanwhile: its callers have their answer.
        if (!IsClosed) Send(onTheWay!);
    }

    private void OnRefused(OutboxBatch head, AppendReply reply)
    {
        var what = $"Recording into episode {Route.Key.Id} from step ordinal {head.From} on";
        var recordedTo = reply.Code == RollbookCode.EpisodeEnded ? reply.NextOrdinal : 0;
        long? expected = reply.Code is RollbookCode.OrdinalGap or RollbookCode.OrdinalConflict ? reply.NextOrdinal : null;
        Refuse(new Fate(recordedTo, () => Refusal.Of(reply.Code, what, expected)));
    }

    private void Refuse(Fate fate)
    {
        List<BatchWaiters> waiters = [];
        long freed;
        TaskCompletionSource? room;
        lock (gate)
        {
            if (refusal is not null) return;
            refusal = fate;
            foreach (var batch in batches) waiters.Add(batch.TakeWaiters());
            batches.Clear();
            open = null;
            sending = false;
            freed = bytes;
            bytes = 0;
            room = TakeRoomMade();
        }

        core.Budget.Release(freed);
        room?.SetResult();
        foreach (var each in waiters) each.CompleteElsewhere(fate);
    }

    // Under the gate.
    private Fate GivenUp(RollbookCode code, Exception? failure, TimeSpan waited)
    {
        var first = batches.Peek().From;
        var count = next - first;
        var size = bytes;
        if (failure is AccessDeniedException denied)
        {
            return new Fate(0, () => new UnavailableException(
                $"Not recorded: {count} steps from ordinal {first} on ({size:N0} bytes) of episode {Route.Key.Id}. {denied.Message} They stay in this logger and the next call sends them first; don't record them again.",
                waited,
                denied));
        }

        return new Fate(0, () => new UnavailableException(
            $"Not yet known durable: {count} steps from ordinal {first} on ({size:N0} bytes) of episode {Route.Key.Id}. The recorder gave no final answer for {waited.TotalSeconds:0.#} s ("
            + (failure is null ? (code == RollbookCode.Busy ? "it is busy, or its disk is full" : "the episode's owner is moving") : failure.Message.TrimEnd('.'))
            + "). They stay in this logger and the next call sends them first; don't record them again.",
            waited,
            failure));
    }
}
