namespace Rollbook.Client;

/// <summary>
/// Bounds the bytes that all loggers of a client hold. Taking and giving back are one interlocked addition each while there is room; who waits is served
/// in the order of coming, and nobody passes who comes later, so that a large step is not starved by small ones.
/// </summary>
/// <param name="limit">The most bytes; a single request that is larger is served alone.</param>
internal sealed class ByteBudget(long limit)
{
    private readonly Lock gate = new();
    private readonly LinkedList<Waiter> waiters = [];
    private long used;
    private int waiting;

    /// <summary>Bytes taken now.</summary>
    public long Used => Volatile.Read(ref used);

    /// <summary>Takes bytes if there is room and nobody waits.</summary>
    public bool TryTake(long bytes) => Volatile.Read(ref waiting) == 0 && TryAdd(bytes);

    /// <summary>Gives bytes back.</summary>
    public void Release(long bytes)
    {
        Interlocked.Add(ref used, -bytes);
        if (Volatile.Read(ref waiting) != 0) Serve();
    }

    /// <summary>Takes bytes as soon as there is room.</summary>
    /// <exception cref="OperationCanceledException">Cancelled; nothing was taken.</exception>
    /// <exception cref="TimeoutException">No room in time; nothing was taken.</exception>
    public async Task TakeAsync(long bytes, TimeSpan patience, TimeProvider time, CancellationToken cancellationToken)
    {
        if (TryTake(bytes)) return;
        var waiter = new Waiter(bytes);
        LinkedListNode<Waiter> node;
        lock (gate)
        {
            node = waiters.AddLast(waiter);
            // Before the look at the room: who gives back afterwards sees it.
            Interlocked.Increment(ref waiting);
        }

        Serve();
        try
        {
            await waiter.Served.Task.WaitAsync(patience, time, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception error) when (error is OperationCanceledException or TimeoutException)
        {
            bool served;
            lock (gate)
            {
                served = waiter.Served.Task.IsCompleted;
                if (!served) Leave(node);
            }

            if (served) Release(bytes);
            else Serve();
            throw;
        }
    }

    private bool TryAdd(long bytes)
    {
        var after = Interlocked.Add(ref used, bytes);
        if (after <= limit || after == bytes) return true;
        // Not only taken back: somebody may have given back in between, and found no room because of this.
        Release(bytes);
        return false;
    }

    private void Serve()
    {
        lock (gate)
        {
            while (waiters.First is { } first)
            {
                var bytes = first.Value.Bytes;
                var after = Interlocked.Add(ref used, bytes);
                if (after > limit && after != bytes)
                {
                    Interlocked.Add(ref used, -bytes);
                    // What was given back between the two additions saw this waiter, and serves after this.
                    return;
                }

                Leave(first);
                first.Value.Served.SetResult();
            }
        }
    }

    private void Leave(LinkedListNode<Waiter> node)
    {
        waiters.Remove(node);
        Interlocked.Decrement(ref waiting);
    }

    private sealed class Waiter(long bytes)
    {
        public long Bytes { get; } = bytes;

        public TaskCompletionSource Served { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
