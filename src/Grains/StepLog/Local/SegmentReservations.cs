namespace Rollbook.StepLog;

/// <summary>What is reserved for one log of this process, and the segment that is being prepared ahead of it.</summary>
internal sealed class SegmentReservations(LogId log, SegmentAllocator allocator, long ahead, TaskFactory disk, Func<bool> begin)
{
    // Behind the one that is prepared: the one being written, and what readers of the last minutes still ask for.
    private const int KeptInMemory = 6;

    private readonly Lock _lock = new();
    private readonly Dictionary<int, long> _reserved = [];
    private int _preparedTo = -1;
    private Task _preparing = Task.CompletedTask;

    /// <summary>Ends when the segment has this length on disk.</summary>
    public async ValueTask ReserveAsync(int segment, long bytes, CancellationToken cancellation)
    {
        if (!IsReserved(segment, bytes))
        {
            // What is prepared ahead may be this one.
            await SettleAsync().WaitAsync(cancellation).ConfigureAwait(false);
            if (!IsReserved(segment, bytes))
                await disk.StartNew(() => Prepare(segment, bytes), CancellationToken.None).WaitAsync(cancellation).ConfigureAwait(false);
        }

        PrepareAhead(segment + 1);
    }

    /// <summary>Ends when nothing is being prepared.</summary>
    public async Task SettleAsync()
    {
        Task preparing;
        lock (_lock) preparing = _preparing;
        await preparing.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    private bool IsReserved(int segment, long bytes)
    {
        lock (_lock) return _reserved.TryGetValue(segment, out var length) && length >= bytes;
    }

    private void Prepare(int segment, long bytes)
    {
        if (!begin()) return;
        // First, so that the new one takes the memory of the old one: zeros into memory that the machine never touched cost many times more.
        if (segment >= KeptInMemory) allocator.Uncache(log, segment - KeptInMemory);
        allocator.Prepare(log, segment, Math.Max(bytes, ahead));
        lock (_lock) _reserved[segment] = Math.Max(bytes, ahead);
    }

    /// <summary>Once per segment, in the background. If it fails, whoever needs the segment tries again and is told why.</summary>
    private void PrepareAhead(int segment)
    {
        lock (_lock)
        {
            if (segment <= _preparedTo) return;
            _preparedTo = segment;
            _preparing = disk.StartNew(() => Prepare(segment, ahead), CancellationToken.None);
            _ = _preparing.ContinueWith(
                failed => failed.Exception, CancellationToken.None, TaskContinuationOptions.OnlyOnFaulted, TaskScheduler.Default);
        }
    }
}
