namespace Rollbook.Client;

/// <summary>
/// Carries the batches of many episodes in one call: what comes while calls are under way goes with the next one. A batch that waits for nobody goes to its
/// episode's grain by itself, so that a lone episode takes no detour.
/// </summary>
internal sealed class ManyEpisodesTransport : IStepTransport
{
    // Two calls keep both ends busy: one is built and sent while the other's commit is awaited. More make smaller ones.
    private const int CallsAtOnce = 2;

    // From here on a batch outweighs the call that carries it, and would only hold up the others.
    private const int LargeBytes = 16 << 10;

    // Of one call. A silo takes larger ones too; but their steps would wait for each other's.
    private const int MaxBatches = 512;
    private const int MaxBytes = 1 << 20;

    // An episode whose owner moves may be answered after half a minute; the others don't wait for it.
    private static readonly TimeSpan Patience = TimeSpan.FromMilliseconds(50);

    private readonly IIngestGrain ingest;
    private readonly string project;
    private readonly ITimer patience;
    private readonly Lock gate = new();
    private readonly Queue<PendingBatch> waiting = new();
    private int calls;
    private long generation;

    /// <summary>A transport to one silo.</summary>
    /// <param name="ingest">The grain of the silo that the client is connected to.</param>
    /// <param name="project">The client's project.</param>
    /// <param name="time">The clock of the patience with slow calls.</param>
    public ManyEpisodesTransport(IIngestGrain ingest, string project, TimeProvider time)
    {
        this.ingest = ingest;
        this.project = project;
        patience = time.CreateTimer(static transport => ((ManyEpisodesTransport)transport!).PassBy(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    /// <summary>The transport of a client.</summary>
    public static ManyEpisodesTransport Of(IGrainFactory grains, RollbookClientOptions options, TimeProvider time) =>
        new(Ingest(grains), options.Project, time);

    /// <summary>The grain of the silo that a client is connected to. Always the same key: Orleans sends all calls of one grain over one gateway.</summary>
    public static IIngestGrain Ingest(IGrainFactory grains) => grains.GetGrain<IIngestGrain>(0);

    /// <inheritdoc/>
    public ValueTask<AppendReply> AppendAsync(EpisodeRoute route, AppendSteps batch)
    {
        if (batch.Steps.Bytes.Length >= LargeBytes) return route.Grain.Append(batch);
        long mine;
        lock (gate)
        {
            if (calls >= CallsAtOnce)
            {
                var pending = new PendingBatch(route, batch);
                waiting.Enqueue(pending);
                if (waiting.Count == 1) patience.Change(Patience, Timeout.InfiniteTimeSpan);
                return pending.Reply;
            }

            calls++;
            mine = generation;
        }

        return AloneAsync(route, batch, mine);
    }

    private async ValueTask<AppendReply> AloneAsync(EpisodeRoute route, AppendSteps batch, long mine)
    {
        try
        {
            return await route.Grain.Append(batch).ConfigureAwait(false);
        }
        finally
        {
            SendNext(mine);
        }
    }

    // The place of the call that ended goes to what waits, unless it lost its place before.
    private void SendNext(long mine)
    {
        PendingBatch[] batches;
        lock (gate)
        {
            if (mine != generation) return;
            batches = TakeWaiting();
            if (batches.Length == 0) calls--;
        }

        if (batches.Length > 0) _ = SendAsync(batches, mine);
    }

    // What waits has waited long enough: the calls that are under way lose their places.
    private void PassBy()
    {
        PendingBatch[] batches;
        long mine;
        lock (gate)
        {
            batches = TakeWaiting();
            if (batches.Length == 0) return;
            mine = ++generation;
            calls = 1;
        }

        _ = SendAsync(batches, mine);
    }

    // Under the gate.
    private PendingBatch[] TakeWaiting()
    {
        if (waiting.Count == 0) return [];
        var taken = new List<PendingBatch>(Math.Min(waiting.Count, MaxBatches));
        var bytes = 0L;
        while (taken.Count < MaxBatches && waiting.TryPeek(out var next) && (taken.Count == 0 || bytes + next.Bytes <= MaxBytes))
        {
            bytes += next.Bytes;
            taken.Add(waiting.Dequeue());
        }

        if (waiting.Count > 0) patience.Change(Patience, Timeout.InfiniteTimeSpan);
        return [.. taken];
    }

    private async Task SendAsync(PendingBatch[] batches, long mine)
    {
        IngestOutcome[]? outcomes = null;
        Exception? failure = null;
        try
        {
            outcomes = await ingest.Append(new IngestSteps(project, Array.ConvertAll(batches, static b => b.Item))).ConfigureAwait(false);
            if (outcomes.Length != batches.Length) failure = new InvalidDataException($"The recorder answered {outcomes.Length} of {batches.Length} batches");
        }
        catch (Exception error)
        {
            // Unknown for all of them; each outbox sends its batch again.
            failure = error;
        }

        for (var i = 0; i < batches.Length; i++)
        {
            if (failure is not null) batches[i].Learn(failure);
            else batches[i].Learn(outcomes![i]);
        }

        Answer(batches, mine);
    }

    private void Answer(PendingBatch[] batches, long mine)
    {
        if (batches is [var single])
        {
            // The place first: who waited for this one may take its time.
            SendNext(mine);
            single.Tell();
            return;
        }

        // In the order of coming, so that none waits for what another goes on with.
        foreach (var batch in batches) ThreadPool.UnsafeQueueUserWorkItem(batch, preferLocal: false);
        // Behind them, so that what the outboxes go on with at once goes along; that doesn't wait for those which take their time either.
        ThreadPool.UnsafeQueueUserWorkItem(static next => next.Transport.SendNext(next.Mine), (Transport: this, Mine: mine), preferLocal: false);
    }
}
