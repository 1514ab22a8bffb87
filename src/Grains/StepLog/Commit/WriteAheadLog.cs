using Rollbook.Episodes;

namespace Rollbook.StepLog;

/// <summary>
/// The write-ahead log of one silo process: one group commit for all of its episodes. Frames are encoded into the open batch as they come;
/// the committer writes batch after batch as numbered chunks and releases the waiters in order.
/// </summary>
/// <remarks>
/// Safe from any thread. Nothing here starts a thread: the loops run on the scheduler that calls <see cref="StartAsync"/>, so that a
/// simulation can run them in an order of its own.
/// </remarks>
public sealed partial class WriteAheadLog
{
    private readonly IStepLogStorage storage;
    private readonly StepLogOptions options;
    private readonly TimeProvider time;
    private readonly StepLogMeter meter;
    private readonly Lock gate = new();
    private readonly CommitQueue queue;
    private readonly CommitPace pace;
    private readonly SegmentPlan segments;
    private readonly LiveIndex index;
    private readonly Gatherings gatherings;
    private readonly Dictionary<EpisodeKey, LogClaim> claims = [];
    private readonly TaskCompletionSource<Exception> poisoned = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private long bytesInFlight;
    private long nextChunk;
    private bool closing;
    private Task committer = Task.CompletedTask;

    /// <summary>A log that was never opened before.</summary>
    public WriteAheadLog(LogId id, IStepLogStorage storage, ILogIndexStore indexes, StepLogOptions options, TimeProvider time, StepLogMeter meter)
    {
        Id = id;
        this.storage = storage;
        this.options = options;
        this.time = time;
        this.meter = meter;
        queue = new CommitQueue(options.ChunkBytes);
        pace = new CommitPace(TimeSpan.FromMilliseconds(options.CommitMilliseconds ?? 0), time);
        segments = new SegmentPlan(id, storage, options, time);
        index = new LiveIndex(id, indexes, meter);
        gatherings = new Gatherings(time);
    }

    /// <summary>The log.</summary>
    public LogId Id { get; }

    /// <summary>The device under it.</summary>
    public IStepLogStorage Storage => storage;

    /// <summary>Completes with the reason once the log is poisoned; the silo then stops itself.</summary>
    public Task<Exception> Poisoned => poisoned.Task;

    /// <summary>The number after the last durable chunk: every chunk below it may be read.</summary>
    public long DurableEnd { get; private set; }

    /// <summary>Bytes that wait for their commit.</summary>
    public long BytesInFlight => Interlocked.Read(ref bytesInFlight);

    /// <summary>How many unfinished episodes this log owns. Counted at each look: some milliseconds for 100,000 of them.</summary>
    public long OpenEpisodes
    {
        get { lock (gate) return claims.Values.Count(static claim => claim.State == ClaimState.Owned && !claim.Tail.Ended); }
    }

    /// <summary>True while appends are refused or can't become durable for want of room.</summary>
    public bool IsFull => segments.NextIsUnavailable;

    /// <summary>Reserves the first segment and starts the committer on the current scheduler.</summary>
    /// <exception cref="StorageFullException">There is no room for a log.</exception>
    public async Task StartAsync(CancellationToken cancellation)
    {
        await segments.StartAsync(cancellation);
        committer = Task.Factory.StartNew(
            CommitLoopAsync, CancellationToken.None, TaskCreationOptions.None, TaskScheduler.Current).Unwrap();
    }

    /// <summary>Takes no more frames and returns when all that were taken are durable and every index is.</summary>
    public async Task CloseAsync()
    {
        lock (gate)
        {
            closing = true;
            queue.WakeAll();
        }

        // With a full disk what waits can't become durable: it fails as unknown instead of holding up the stop.
        segments.Close();
        await committer;
        segments.Stop();
        await index.DrainAsync();
    }

    /// <summary>
    /// Takes a frame and returns the task of its commit, the same for all frames of a chunk. Once it has returned without an exception the frame
    /// has its place in the log's order and the claim's tail has it.
    /// </summary>
    /// <param name="claim">The episode's claim: owned, or pending for its start.</param>
    /// <param name="kind">Steps, End, Resume, Score or Label.</param>
    /// <param name="count">Steps in it, 0 for other kinds.</param>
    /// <param name="payload">Copied before the call returns.</param>
    /// <exception cref="StaleTermException">A newer term raised the minimum.</exception>
    /// <exception cref="LogBusyException">Too many bytes in flight: nothing was taken.</exception>
    /// <exception cref="StorageFullException">No room: nothing was taken.</exception>
    /// <exception cref="LogPoisonedException">The log failed or is closed.</exception>
    /// <exception cref="InvalidDataException">The payload is not what the kind and the count say: nothing was taken.</exception>
    public Task Append(LogClaim claim, FrameKind kind, int count, ReadOnlySpan<byte> payload)
    {
        lock (gate)
        {
            if (claim.Closed || claim.State != ClaimState.Owned) throw new StaleTermException(claim.Key, claim.Term);
            var length = FrameCodec.LengthOf(claim.Key, payload.Length);
            CheckRoom(length);
            var ordinal = claim.Tail.NextOrdinal;
            // Refuses what is not whole before anything is counted.
            claim.Tail.Apply(kind, ordinal, count, payload);
            var batch = Admit(length);
            batch.Add(claim, kind, claim.Key, claim.Term, ordinal, count, payload);
            return Enqueued(claim, batch);
        }
    }

    /// <summary>Frames of several episodes come until the task completes: one commit for all of them is worth a moment's wait.</summary>
    /// <param name="gathered">Ends by itself soon, whatever becomes of the commit.</param>
    internal void Gather(Task gathered) => gatherings.Add(gathered);

    private Task Enqueued(LogClaim claim, CommitBatch batch)
    {
        batch.Follow();
        newestCommit = claim.LastCommit = batch.Completion.Task;
        queue.Wake();
        return batch.Completion.Task;
    }

    private void CheckRoom(int frameLength)
    {
        if (poisoned.Task.IsCompleted) throw new LogPoisonedException(Id, poisoned.Task.Result);
        if (closing) throw new LogPoisonedException(Id, null);
        if (bytesInFlight > 0 && bytesInFlight + frameLength > options.MaxBytesInFlight)
        {
            meter.Refused();
            throw new LogBusyException(bytesInFlight);
        }

        if (!segments.HasRoom(queue.Bytes + frameLength, queue.Batches + 1))
        {
            meter.Refused();
            throw new StorageFullException("The recorder's disk is full: nothing was taken. Free some space; recording goes on by itself.");
        }
    }

    private CommitBatch Admit(int frameLength)
    {
        Interlocked.Add(ref bytesInFlight, frameLength);
        return queue.For(frameLength, time.GetTimestamp());
    }
}
