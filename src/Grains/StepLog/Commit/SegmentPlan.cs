namespace Rollbook.StepLog;

/// <summary>
/// Where chunks go: the current segment, and the next one, which is reserved while the current one fills. So a full disk is known a whole segment
/// ahead, and frames that were taken nearly always have their room already.
/// </summary>
internal sealed class SegmentPlan(LogId log, IStepLogStorage storage, StepLogOptions options, TimeProvider time)
{
    private static readonly TimeSpan RetryAfterFull = TimeSpan.FromMilliseconds(500);

    private readonly CancellationTokenSource stopping = new();
    private TaskCompletionSource nextReady = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private long length;
    private long offset;
    private int segment;
    private int chunks;
    private volatile bool nextUnavailable;
    private volatile bool closing;

    /// <summary>True while the next segment could not be reserved for want of room.</summary>
    public bool NextIsUnavailable => nextUnavailable;

    /// <summary>Reserves the first segment, and begins to reserve the second.</summary>
    public async Task StartAsync(CancellationToken cancellation)
    {
        length = options.SegmentBytes;
        await storage.ReserveAsync(log, 0, length, cancellation);
        ReserveNext();
    }

    /// <summary>Ends the attempts to reserve.</summary>
    public void Stop() => stopping.Cancel();

    /// <summary>The log takes no more: what finds no room from now on fails instead of waiting for it.</summary>
    public void Close()
    {
        closing = true;
        if (nextUnavailable) Stop();
    }

    /// <summary>Whether frames of this many bytes in this many chunks may be taken: always while the next segment is reserved or being reserved.</summary>
    public bool HasRoom(long frameBytes, int newChunks) =>
        !nextUnavailable || (frameBytes + ((long)newChunks * 2 * ChunkCodec.Alignment) <= Volatile.Read(ref length) - Volatile.Read(ref offset)
            && !(Volatile.Read(ref chunks) + newChunks > options.SegmentChunks));

    /// <summary>Whether a chunk of this length fits the current segment.</summary>
    public bool Fits(long chunkLength) => offset + chunkLength <= length && !(chunks >= options.SegmentChunks);

    /// <summary>Goes to the next segment as soon as it is reserved, however long that takes.</summary>
    public async ValueTask RollAsync(long chunkLength)
    {
        await nextReady.Task.Here().WaitAsync(stopping.Token);
        var wanted = Math.Max(options.SegmentBytes, chunkLength);
        // One step that is larger than a whole segment gets a segment of its own length.
        if (wanted > options.SegmentBytes) await ReserveAsync(segment + 1, wanted);
        segment++;
        Volatile.Write(ref chunks, 0);
        Volatile.Write(ref offset, 0);
        Volatile.Write(ref length, wanted);
        ReserveNext();
    }

    /// <summary>Gives the next place to a chunk that fits.</summary>
    public ChunkAddress Place(long number, long chunkLength)
    {
        var address = new ChunkAddress(number, segment, offset);
        Volatile.Write(ref chunks, chunks + 1);
        Volatile.Write(ref offset, offset + chunkLength);
        return address;
    }

    private void ReserveNext()
    {
        var ready = nextReady = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _ = Task.Factory.StartNew(
            async () =>
            {
                try
                {
                    await ReserveAsync(segment + 1, options.SegmentBytes);
                    ready.TrySetResult();
                }
                catch (Exception failure)
                {
                    // The committer meets it at the roll and poisons the log: a device that fails to reserve can't be written either.
                    ready.TrySetException(failure);
                    _ = ready.Task.Exception;
                }
            },
            CancellationToken.None, TaskCreationOptions.None, TaskScheduler.Current);
    }

    private async Task ReserveAsync(int wantedSegment, long bytes)
    {
        while (true)
        {
            try
            {
                await storage.ReserveAsync(log, wantedSegment, bytes, stopping.Token);
                nextUnavailable = false;
                return;
            }
            catch (StorageFullException)
            {
                nextUnavailable = true;
                if (closing) Stop();
            }

            await Task.Delay(RetryAfterFull, time, stopping.Token);
        }
    }
}
