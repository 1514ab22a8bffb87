namespace Rollbook.StepLog;

/// <summary>
/// The batches that wait for their commit, oldest first, and the pool of empty ones. Not safe by itself: its log's lock guards every call.
/// </summary>
internal sealed class CommitQueue(int chunkBytes)
{
    // A batch whose buffer grew for one huge step is not kept, and no more than these are.
    private const int PooledBatches = 8;

    private readonly Queue<CommitBatch> full = new();
    private readonly Stack<CommitBatch> empty = new();
    private CommitBatch open = new(chunkBytes);
    private TaskCompletionSource? waiting;
    private TaskCompletionSource? filled;

    /// <summary>Bytes of all frames that are not yet in a chunk.</summary>
    public long Bytes { get; private set; }

    /// <summary>How many chunks they will make.</summary>
    public int Batches => full.Count + (open.Frames.Count > 0 ? 1 : 0);

    /// <summary>Whether a batch waits that takes no more.</summary>
    public bool HasFull => full.Count > 0;

    /// <summary>The batch for a frame of this length: the open one, or a new one where it would grow past the chunk's size.</summary>
    public CommitBatch For(int frameLength, long now)
    {
        if (open.Frames.Count > 0 && open.FrameBytes + frameLength > chunkBytes)
        {
            full.Enqueue(open);
            EndWaitForFull();
            open = empty.TryPop(out var spare) ? spare : new CommitBatch(chunkBytes);
        }

        if (open.Frames.Count == 0) open.EnqueuedAt = now;
        Bytes += frameLength;
        return open;
    }

    /// <summary>Takes the oldest batch; null where nothing waits.</summary>
    public CommitBatch? Take()
    {
        EndWaitForFull();
        if (!full.TryDequeue(out var batch))
        {
            if (open.Frames.Count == 0) return null;
            batch = open;
            open = empty.TryPop(out var spare) ? spare : new CommitBatch(chunkBytes);
        }

        Bytes -= batch.FrameBytes;
        return batch;
    }

    /// <summary>Gives a batch back whose chunk is durable and whose bytes nobody reads any more.</summary>
    public void Return(CommitBatch batch)
    {
        var oversized = batch.Capacity > 2 * chunkBytes + (4 * ChunkCodec.Alignment);
        batch.Reset();
        if (!oversized && empty.Count < PooledBatches) empty.Push(batch);
    }

    /// <summary>Completes when something waits.</summary>
    public Task WhenWaiting()
    {
        if (Batches > 0) return Task.CompletedTask;
        waiting ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        return waiting.Task;
    }

    /// <summary>Completes when a batch takes no more, when one is taken, or with <see cref="WakeAll"/>.</summary>
    public Task WhenFull()
    {
        if (HasFull) return Task.CompletedTask;
        filled ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        return filled.Task;
    }

    /// <summary>Wakes whoever awaits <see cref="WhenWaiting"/>.</summary>
    public void Wake()
    {
        waiting?.TrySetResult();
        waiting = null;
    }

    /// <summary>Wakes whoever awaits anything.</summary>
    public void WakeAll()
    {
        Wake();
        EndWaitForFull();
    }

    // Also with each batch that is taken: a wait that is made anew in each interval would otherwise pile up where no batch is ever full.
    private void EndWaitForFull()
    {
        filled?.TrySetResult();
        filled = null;
    }
}
