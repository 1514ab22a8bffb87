namespace Rollbook.Client;

/// <summary>
/// Carries the batches of many episodes in one call: what comes while calls are under way goes with the next one. A batch that waits for nobody goes to its
/// episode's grain by itself, so that a lone episode takes no detour.
/// </summary>
/// <param name="ingest">The grain of the silo that the client is connected to.</param>
/// <param name="project">The client's project.</param>
internal sealed class ManyEpisodesTransport(IIngestGrain ingest, string project) : IStepTransport
{
    // Two calls keep both ends busy: one is built and sent while the other's commit is awaited. More make smaller ones.
    private const int CallsAtOnce = 2;

    // From here on a batch outweighs the call that carries it, and would only hold up the others.
    private const int LargeBytes = 16 << 10;

    // Of one call. A silo takes larger ones too; but their steps would wait for each other's.
    private const int MaxBatches = 512;
    private const int MaxBytes = 1 << 20;

    private readonly Lock gate = new();
    private readonly Queue<PendingBatch> waiting = new();
    private int calls;

    /// <summary>The transport of a client.</summary>
    public static ManyEpisodesTransport Of(IGrainFactory grains, RollbookClientOptions options) => new(grains.GetGrain<IIngestGrain>(0), options.Project);

    /// <inheritdoc/>
    public ValueTask<AppendReply> AppendAsync(EpisodeRoute route, AppendSteps batch)
    {
        if (batch.Steps.Bytes.Length >= LargeBytes) return route.Grain.Append(batch);
        lock (gate)
        {
            if (calls >= CallsAtOnce)
            {
                var pending = new PendingBatch(route, batch);
                waiting.Enqueue(pending);
                return pending.Reply;
            }

            calls++;
        }

        return AloneAsync(route, batch);
    }

    private async ValueTask<AppendReply> AloneAsync(EpisodeRoute route, AppendSteps batch)
    {
        try
        {
            return await route.Grain.Append(batch).ConfigureAwait(false);
        }
        finally
        {
            SendNext();
        }
    }

    // The place of the call that ended goes to what waits.
    private void SendNext()
    {
        PendingBatch[] batches;
        lock (gate)
        {
            batches = TakeWaiting();
            if (batches.Length == 0) calls--;
        }

        if (batches.Length > 0) _ = SendAsync(batches);
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

        return [.. taken];
    }

    private async Task SendAsync(PendingBatch[] batches)
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
            if (failure is not null) batches[i].Fail(failure);
            else if (outcomes![i].Taken) batches[i].Complete(outcomes[i].Reply);
            else batches[i].CallGrain();
        }

        // Last, so that what the outboxes go on with at once goes along.
        SendNext();
    }
}
