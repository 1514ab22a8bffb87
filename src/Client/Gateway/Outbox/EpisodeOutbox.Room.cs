namespace Rollbook.Client;

// Back-pressure: who finds no room waits, and nobody overtakes.
internal sealed partial class EpisodeOutbox
{
    private Task lastTurn = Task.CompletedTask;
    private TaskCompletionSource? roomMade;
    private Func<RollbookException>? closed;
    private int turns;
    private int giveUps;

    private async ValueTask<long> AddWhenRoomAsync(int count, byte[] entries, CancellationToken cancellationToken)
    {
        Task before;
        var turn = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (gate)
        {
            before = lastTurn;
            lastTurn = turn.Task;
            turns++;
        }

        Task<Fate?> done;
        OutboxBatch? send;
        long first;
        try
        {
            await before.WaitAsync(cancellationToken).ConfigureAwait(false);
            await RoomAsync(entries.Length, cancellationToken).ConfigureAwait(false);
            await BudgetAsync(entries.Length, cancellationToken).ConfigureAwait(false);
            lock (gate)
            {
                if (refusal is not null || closed is not null)
                {
                    core.Budget.Release(entries.Length);
                    ThrowIfClosed();
                }

                first = next;
                done = Place(new EncodedSpan(count, entries));
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

    private async Task RoomAsync(int size, CancellationToken cancellationToken)
    {
        int? sawGiveUps = null;
        while (true)
        {
            Task made;
            OutboxBatch? send;
            lock (gate)
            {
                ThrowIfClosed();
                if (HasRoom(size)) return;
                // It tried for as long as a call may wait, from now on: the step must go back to the caller.
                if (sawGiveUps is { } seen && seen != giveUps) throw Full($"this logger holds {bytes:N0} bytes of episode {Route.Key.Id}");
                sawGiveUps ??= giveUps;
                made = (roomMade ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)).Task;
                send = HeadToSend();
            }

            if (send is not null) Send(send);
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

    private async Task BudgetAsync(int size, CancellationToken cancellationToken)
    {
        try
        {
            await core.Budget.TakeAsync(size, core.Options.GiveUpAfter, core.Time, cancellationToken).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            throw Full($"the client's loggers together hold {core.Budget.Used:N0} bytes");
        }
    }

    private static OutboxFullException Full(string who) => new(
        $"This step was not taken: {who} that wait for the recorder. Slow down, wait until FlushAsync returns, or raise MaxLoggerBytes and MaxClientBytes.");
}
