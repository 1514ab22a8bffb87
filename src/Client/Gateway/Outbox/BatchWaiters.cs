namespace Rollbook.Client;

/// <summary>
/// Who waits for a batch. The first goes on where the batch is completed, without a hop to another thread: in lockstep there is no other.
/// Any further ones are scheduled, so that none can hold up another by what it does next.
/// </summary>
internal struct BatchWaiters
{
    private TaskCompletionSource<Fate?>? first;
    private TaskCompletionSource<Fate?>? others;

    /// <summary>One more. Completes with null once the batch is durable.</summary>
    public Task<Fate?> Add()
    {
        if (first is null)
        {
            first = new TaskCompletionSource<Fate?>();
            return first.Task;
        }

        others ??= new TaskCompletionSource<Fate?>(TaskCreationOptions.RunContinuationsAsynchronously);
        return others.Task;
    }

    /// <summary>Tells them. Under no lock, and as the last thing that the caller does.</summary>
    public readonly void Complete(Fate? fate)
    {
        others?.SetResult(fate);
        first?.SetResult(fate);
    }

    /// <summary>Tells them on other threads: where several batches have one fate, what a caller does next must not keep it from the others.</summary>
    public readonly void CompleteElsewhere(Fate? fate)
    {
        others?.SetResult(fate);
        if (first is null) return;
        ThreadPool.UnsafeQueueUserWorkItem(static told => told.First.SetResult(told.Fate), (First: first, Fate: fate), preferLocal: false);
    }
}
