namespace Rollbook.Client;

/// <summary>The writer's side of one episode: its steps, then its ending.</summary>
internal sealed class EpisodeWriter(ClientCore core, EpisodeRoute route, long next, long writerEpoch)
{
    private readonly GatewayTries tries = new(core);
    private readonly Lock gate = new();
    private EndEpisode? asked;
    private EndEpisode? ended;
    private volatile bool unwanted;
    private bool beating;

    /// <summary>The episode.</summary>
    public EpisodeId Id => Outbox.Route.Key.Id;

    /// <summary>Its steps.</summary>
    public EpisodeOutbox Outbox { get; } = new(core, route, next, writerEpoch);

    /// <summary>Whether there is nothing more to show signs of life for.</summary>
    public bool IsOver => Outbox.IsClosed || Volatile.Read(ref ended) is not null;

    /// <summary>Ends it behind everything that was recorded.</summary>
    public async Task EndAsync(double? finalScore, string? cause, CancellationToken cancellationToken)
    {
        EndEpisode end;
        lock (gate)
        {
            // The same again, without repeating the cause, is the same ending.
            cause ??= asked?.Cause;
            end = new EndEpisode { Status = EpisodeStatus.Completed, FinalScore = finalScore, Cause = cause, WriterEpoch = writerEpoch };
            asked = end;
            Outbox.Close(() => new EpisodeEndedException("episode_ended", $"A step was not taken: EndEpisodeAsync was called for {Id}. Start another episode."));
        }

        await SendEndAsync(end, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Sends what waits, the ending too.</summary>
    public async Task SettleAsync(CancellationToken cancellationToken)
    {
        EndEpisode? open;
        lock (gate)
        {
            open = ReferenceEquals(asked, ended) ? null : asked;
        }

        if (open is null) await Outbox.FlushAsync(cancellationToken).ConfigureAwait(false);
        else await SendEndAsync(open, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Sends what waits before the writer turns to something else. What was refused is said if no call has said it yet, else it is over.</summary>
    public Task LeaveAsync(CancellationToken cancellationToken)
    {
        lock (gate)
        {
            if (ReferenceEquals(asked, ended) && Outbox.IsClosed && !Outbox.HoldsUntoldRefusal) return Task.CompletedTask;
        }

        return SettleAsync(cancellationToken);
    }

    /// <summary>Sends what waits for the last time, and drops what then still waits.</summary>
    /// <param name="reason">What those are told who record into it afterwards.</param>
    /// <exception cref="UnavailableException">Something is not known durable, and was dropped.</exception>
    /// <exception cref="RefusedException">Something was refused, and no call has said so.</exception>
    public async Task FinishAsync(Func<RollbookException> reason)
    {
        try
        {
            await LeaveAsync(CancellationToken.None).ConfigureAwait(false);
        }
        catch (UnavailableException failure)
        {
            throw Dropped(failure);
        }
        finally
        {
            Outbox.Abandon(reason);
        }
    }

    /// <summary>A sign of life, unless a step was one.</summary>
    public async Task BeatAsync()
    {
        if (unwanted || IsOver || Outbox.TakeWritten() || Interlocked.Exchange(ref beating, true)) return;
        try
        {
            var code = await Outbox.Route.Grain.Heartbeat(writerEpoch).ConfigureAwait(false);
            // The next step or ending tells the caller why.
            unwanted = code is not RollbookCode.Ok && !Refusal.IsOpen(code);
        }
        catch (Exception)
        {
            // No answer: the next sign tries again, and a real outage shows at the next step.
        }
        finally
        {
            Volatile.Write(ref beating, false);
        }
    }

    private UnavailableException Dropped(UnavailableException failure)
    {
        var (from, count) = Outbox.Unacknowledged;
        var what = count == 0 ? $"the ending of episode {Id}" : $"{count} steps of episode {Id} from ordinal {from} on";
        if (count > 0 && !ReferenceEquals(asked, ended)) what += ", and its ending";
        return new UnavailableException(
            $"Not known durable, and dropped: {what}. The recorder gave no final answer for {failure.Waited.TotalSeconds:0.#} s. Resume the episode: the record's StepCount says"
            + " what the recorder has; record the rest again.",
            failure.Waited,
            failure);
    }

    private async Task SendEndAsync(EndEpisode end, CancellationToken cancellationToken)
    {
        var what = $"The end of episode {Id}";
        try
        {
            await Outbox.FlushAsync(cancellationToken).ConfigureAwait(false);
            var request = end with { NextOrdinal = Outbox.NextOrdinal };
            var reply = await tries.CallAsync(what, () => Outbox.Route.Grain.End(request), static reply => (reply.Code, 0), cancellationToken).ConfigureAwait(false);
            lock (gate)
            {
                // Refused or not, it has its answer.
                ended = end;
            }

            if (reply.Code != RollbookCode.Ok) throw Refusal.Of(reply.Code, what, reply.Expected);
        }
        catch (RefusedException refused) when (!Refusal.IsOfCredential(refused))
        {
            lock (gate)
            {
                // Also where a step before it was refused: it will never be sent, and its caller knows.
                ended = end;
            }

            throw;
        }
        catch (OperationCanceledException cancelled) when (cancelled is not RecordCanceledException)
        {
            throw new RecordCanceledException("The wait for the ending was cancelled; it stays in the logger, and the next call sends it.", isTaken: true, cancelled);
        }
    }
}
