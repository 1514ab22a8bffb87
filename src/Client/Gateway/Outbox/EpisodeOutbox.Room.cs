namespace Rollbook.Client;

// Back-pressure: who finds no room waits, and nobody overtakes.
internal sealed partial class EpisodeOutbox
{
    private Task lastTurn = Task.CompletedTask;
    private TaskCompletionSource? roomMade;
    private Func<RollbookException>? closed;
    private int turns;
    private int giveUps;

    private async ValueTask<long> AddWhenRoomAsync(int count, byte[] entries, IReadOnlyList<LargeText>? texts, CancellationToken cancellationToken)
    {
        Task before;
        var weight = entries.Length + LargeText.Bytes(texts);
        int sawGiveUps;
        var since = core.Time.GetTimestamp();
        var turn = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (gate)
        {
            before = lastTurn;
            lastTurn = turn.Task;
            turns++;
            sawGiveUps = giveUps;
        }

        Task<Fate?> done;
        OutboxBatch? send;
        long first;
        try
        {
            await before.WaitAsync(cancellationToken).ConfigureAwait(false);
            await RoomAsync(weight, sawGiveUps, cancellationToken).ConfigureAwait(false);
            await BudgetAsync(weight, since, cancellationToken).ConfigureAwait(false);
            lock (gate)
            {
                if (refusal is not null || closed is not null)
                {
                    core.Budget.Release(weight);
                    ThrowIfClosed();
                }

                first = next;
                done = Place(new EncodedSpan(count, entries, texts));
                send = HeadToSend();
            }
        }
        catch (OperationCanceledException cancelled)
        {
            throw new RecordCanceledException("Cancelled while waiting for room: not taken, and may be recorded again.", isTaken: false, cancelled);
        }
        finally
        {
            lock (gate)
            {
                turns--;
            }

            // Cancelled out of turn: those behind still wait for those before.
            if (before.IsCompleted) turn.SetResult();
            else _ = PassOnAsync(before, turn);
        }

        if (send is not null) Send(send);
        return await DurableAsync(done, first, count, cancellationToken).ConfigureAwait(false);
    }

    private static async Task PassOnAsync(Task before, TaskCompletionSource turn)
    {
        await before.ConfigureAwait(false);
        turn.SetResult();
    }

    private async Task RoomAsync(long size, int sawGiveUps, CancellationToken cancellationToken)
    {
        while (true)
        {
            Task? made = null;
            OutboxBatch? send;
            lock (gate)
            {
                ThrowIfClosed();
                if (!HasRoom(size))
                {
                    // It gave up since the call: those that queue behind it don't wait as long again, each, for the same recorder.
                    if (sawGiveUps != giveUps) throw Full($"this logger holds {bytes:N0} bytes of episode {Route.Key.Id}");
                    made = (roomMade ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)).Task;
                }

                // Also where there is room here: the client's room may be taken by steps of this outbox that nobody sends since it gave up.
                send = HeadToSend();
            }

            if (send is not null) Send(send);
            if (made is null) return;
            await made.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
    }

    // Under the gate; to be completed outside.
    private TaskCompletionSource? TakeRoomMade()
    {
        var made = roomMade;
        roomMade = null;
        return made;
    }

    private async Task BudgetAsync(long size, long since, CancellationToken cancellationToken)
    {
        var left = core.Options.GiveUpAfter - core.Time.GetElapsedTime(since);
        try
        {
            await core.Budget.TakeAsync(size, left > TimeSpan.Zero ? left : TimeSpan.Zero, core.Time, cancellationToken).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            throw Full($"the client's loggers together hold {core.Budget.Used:N0} bytes");
        }
    }

    private static OutboxFullException Full(string who) => new(
        $"This step was not taken: {who} that wait for the recorder. Slow down, wait until FlushAsync returns, or raise MaxLoggerBytes and MaxClientBytes.");
}
