namespace Rollbook.Client;

// Which episode is written.
public sealed partial class TrajectoryLogger
{
    private ILoggerGrain WorkerGrain => core.Grains.GetGrain<ILoggerGrain>(LoggerKey.Of(core.Options.Project, Worker));

    private ValueTask<long> RecordTextAsync(ReadOnlySpan<byte> text, bool ndjson, CancellationToken cancellationToken)
    {
        try
        {
            return Outbox(cancellationToken).AddAsync(StepScratch.Mine.Encode(text, ndjson, core.Now), cancellationToken);
        }
        catch (Exception error) when (error is RollbookException or OperationCanceledException)
        {
            return ValueTask.FromException<long>(error);
        }
    }

    private EpisodeOutbox Outbox(CancellationToken cancellationToken)
    {
        if (cancellationToken.IsCancellationRequested)
            throw new RecordCanceledException("Cancelled before it was taken.", isTaken: false, new OperationCanceledException(cancellationToken));
        return Current("record a step").Outbox;
    }

    private EpisodeWriter Current(string purpose)
    {
        ObjectDisposedException.ThrowIf(Volatile.Read(ref disposed), this);
        return Volatile.Read(ref current) ?? throw new NoEpisodeException($"Can't {purpose}: {whyNone}. Call StartEpisodeAsync first.");
    }

    private async ValueTask<Turn> EnterAsync(CancellationToken cancellationToken)
    {
        ObjectDisposedException.ThrowIf(Volatile.Read(ref disposed), this);
        try
        {
            await turn.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (OperationCanceledException cancelled)
        {
            throw new RecordCanceledException("Cancelled before anything was sent.", isTaken: false, cancelled);
        }

        return new Turn(turn);
    }

    /// <summary>
    /// Sends what waits of the episode, which takes nothing more: should the start that follows fail, the old episode must not get the steps and the
    /// score that are meant for the new one.
    /// </summary>
    private async Task LeaveEpisodeAsync(CancellationToken cancellationToken)
    {
        whyNone = "the last StartEpisodeAsync or ResumeAsync did not succeed";
        Volatile.Write(ref current, null);
        if (last is not { } writer) return;
        writer.Outbox.Close(() => new NoEpisodeException($"A step was not taken: another episode than {writer.Id} was being started."));
        await writer.LeaveAsync(cancellationToken).ConfigureAwait(false);
        heartbeats.Remove(writer);
    }

    private EpisodeRecord Adopt(string what, StartReply reply)
    {
        if (reply.Code == RollbookCode.WorkerBusy)
        {
            throw new WorkerBusyException(
                "worker_busy",
                $"{what} was refused (worker_busy): another live process records under this name. Give each its own worker, wait until the other has been silent for "
                + $"{reply.RetryAfterSeconds:0} s, or set Takeover.",
                TimeSpan.FromSeconds(reply.RetryAfterSeconds));
        }

        if (reply.Code != RollbookCode.Ok || reply.Record is not { } record) throw Refusal.Of(reply.Code, what);
        var writer = new EpisodeWriter(core, EpisodeRoute.Of(record.Key, core.Grains), reply.NextOrdinal, reply.WriterEpoch);
        last = writer;
        Volatile.Write(ref current, writer);
        heartbeats.Add(writer, this);
        return record;
    }

    private readonly struct Turn(SemaphoreSlim semaphore) : IDisposable
    {
        public void Dispose() => semaphore.Release();
    }
}
