using System.Runtime.CompilerServices;

namespace Rollbook.Client;

/// <summary>
/// The unacknowledged steps of one episode, in order. One batch is on the way at a time; what is recorded meanwhile goes together into the next.
/// </summary>
/// <remarks>
/// Why it is right. A step gets its ordinal when it is taken, and its batch the same bytes at every try, so that the recorder can tell a repeat from another
/// step. Batch n+1 is sent only after batch n was acknowledged, so that an acknowledgement of a step covers every step before it: whatever
/// a cancelled or given-up call left open, the next call's answer settles. A final refusal is final for everything behind it too, since nothing may be left out:
/// the outbox then takes no more.
/// <para>
/// Locks: <c>gate</c> is held for a copy of the encoded step at most, never over a call, a completion or an encoding.
/// Whoever set <c>sending</c> owns the call until its answer cleared it.
/// </para>
/// </remarks>
internal sealed partial class EpisodeOutbox
{
    private readonly ClientCore core;
    private readonly long writerEpoch;
    private readonly Action onReply;
    private readonly Lock gate = new();
    private readonly Queue<OutboxBatch> batches = new();
    private ConfiguredValueTaskAwaitable<AppendReply>.ConfiguredValueTaskAwaiter call;
    private OutboxBatch? open;
    private bool sending;
    private bool written;
    private long next;
    private long bytes;
    private int lastBatchBytes;
    private Fate? refusal;
    private volatile bool told;

    /// <summary>An outbox without steps.</summary>
    public EpisodeOutbox(ClientCore core, EpisodeRoute route, long next, long writerEpoch)
    {
        this.core = core;
        this.next = next;
        this.writerEpoch = writerEpoch;
        Route = route;
        onReply = OnReply;
    }

    /// <summary>The episode.</summary>
    public EpisodeRoute Route { get; }

    /// <summary>The writer's epoch.</summary>
    public long WriterEpoch => writerEpoch;

    /// <summary>The ordinal of the next step.</summary>
    public long NextOrdinal => Volatile.Read(ref next);

    /// <summary>Bytes that are not acknowledged.</summary>
    public long Bytes => Volatile.Read(ref bytes);

    /// <summary>Whether it takes no more steps.</summary>
    public bool IsClosed => Volatile.Read(ref refusal) is not null;

    /// <summary>
    /// Whether steps were refused and no call has said so yet: those who waited were cancelled. Whoever would end the outbox's life then says it.
    /// </summary>
    public bool HoldsUntoldRefusal
    {
        get
        {
            lock (gate)
            {
                return !told && refusal is not null && next > refusal.RecordedTo;
            }
        }
    }

    /// <summary>The first step that is not acknowledged, and how many there are.</summary>
    public (long From, long Count) Unacknowledged
    {
        get
        {
            lock (gate)
            {
                return batches.TryPeek(out var head) ? (head.From, next - head.From) : (next, 0);
            }
        }
    }

    /// <summary>Whether a step was acknowledged since this was asked last.</summary>
    public bool TakeWritten() => Interlocked.Exchange(ref written, false);

    /// <summary>Takes steps and waits until they are durable.</summary>
    /// <returns>The ordinal of the first.</returns>
    /// <exception cref="RollbookException">Refused, not taken, or not yet known durable; the type says which.</exception>
    public ValueTask<long> AddAsync(in EncodedSpan steps, CancellationToken cancellationToken)
    {
        Task<Fate?>? done = null;
        OutboxBatch? send = null;
        long first = 0;
        lock (gate)
        {
            ThrowIfClosed();
            if (turns == 0 && HasRoom(steps.Weight) && core.Budget.TryTake(steps.Weight))
            {
                first = next;
                done = Place(steps);
                send = HeadToSend();
            }
        }

        if (done is null) return AddWhenRoomAsync(steps.Count, steps.Bytes.ToArray(), steps.Texts, cancellationToken);
        if (send is not null) Send(send);
        return DurableAsync(done, first, steps.Count, cancellationToken);
    }

    /// <summary>Waits until everything taken so far is durable.</summary>
    /// <exception cref="RollbookException">Something is not, and why.</exception>
    public async Task FlushAsync(CancellationToken cancellationToken)
    {
        Task<Fate?> done;
        OutboxBatch? send;
        long first;
        int count;
        lock (gate)
        {
            if (refusal is not null && next > refusal.RecordedTo) throw Tell(refusal);
            if (batches.Count == 0) return;
            var last = open ?? batches.Last();
            (first, count) = (last.From, last.Count);
            done = last.Wait();
            send = HeadToSend();
        }

        if (send is not null) Send(send);
        await DurableAsync(done, first, count, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Takes no more steps from now on; those that it has are sent. The first reason stands.</summary>
    public void Close(Func<RollbookException> reason)
    {
        lock (gate)
        {
            closed ??= reason;
        }
    }

    /// <summary>Drops what it has: its callers get the exception, and nothing is sent any more.</summary>
    public void Abandon(Func<RollbookException> reason)
    {
        // Whoever abandons it has said what is lost.
        told = true;
        Refuse(new Fate(0, reason));
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<long> DurableAsync(Task<Fate?> done, long first, int count, CancellationToken cancellationToken)
    {
        Fate? fate;
        try
        {
            fate = await (cancellationToken.CanBeCanceled ? done.WaitAsync(cancellationToken) : done).ConfigureAwait(false);
        }
        catch (OperationCanceledException cancelled)
        {
            throw new RecordCanceledException(
                "The wait was cancelled. What was recorded stays in the logger, and the next call reports its fate; don't record it again.", isTaken: true, cancelled);
        }

        return fate is null || first + count <= fate.RecordedTo ? first : throw Tell(fate);
    }

    private RollbookException Tell(Fate fate)
    {
        if (ReferenceEquals(fate, Volatile.Read(ref refusal))) told = true;
        return fate.Error();
    }

    private void ThrowIfClosed()
    {
        if (refusal is not null) throw Tell(refusal);
        if (closed is not null) throw closed();
    }

    private bool HasRoom(long size) => bytes == 0 || bytes + size <= core.Options.MaxLoggerBytes;

    // Under the gate; the budget was taken.
    private Task<Fate?> Place(in EncodedSpan steps)
    {
        bytes += steps.Weight;
        var maxBytes = core.Options.MaxBatchBytes;
        if (steps.Count > 1 && steps.Bytes.Length > maxBytes)
        {
            PlaceEach(steps);
        }
        else
        {
            if (open is null || !open.HasRoom(steps.Count, steps.Bytes.Length, maxBytes)) Open();
            open!.Add(steps, lastBatchBytes);
            next += steps.Count;
        }

        return open!.Wait();
    }

    private void PlaceEach(in EncodedSpan steps)
    {
        // All before the first: then they are there before each.
        var texts = steps.Texts;
        for (var rest = steps.Bytes; !rest.IsEmpty;)
        {
            var entry = StepEntry.Read(rest);
            if (open is null || !open.HasRoom(1, entry.Length, core.Options.MaxBatchBytes)) Open();
            open!.Add(new EncodedSpan(1, entry.Bytes, texts), core.Options.MaxBatchBytes);
            texts = null;
            next++;
            rest = rest[entry.Length..];
        }
    }

    private void Open()
    {
        open = new OutboxBatch(next);
        batches.Enqueue(open);
    }
}
