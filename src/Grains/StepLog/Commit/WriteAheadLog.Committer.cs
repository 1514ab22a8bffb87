namespace Rollbook.StepLog;

// The committer: batch after batch becomes a chunk, and what is durable is released in order.
public sealed partial class WriteAheadLog
{
    // Half a millisecond of encoding under the lock for each chunk, while a run of owned frames is written.
    private const int OwnedSliceBytes = 128 << 10;

    private readonly Queue<(CommitBatch Batch, long Length, Task Durable)> inFlight = new();
    private OwnedSpan? owned;
    private CommitBatch? placing;
    private uint previousCrc;

    private async Task CommitLoopAsync()
    {
        try
        {
            while (true)
            {
                // With a chunk on its way the next one gathers by itself.
                if (inFlight.Count == 0 && gatherings.WhenOver() is { } over) await over;
                var batch = TakeBatch();
                if (batch is not null)
                {
                    await PlaceAsync(batch);
                    Write(batch);
                    if (inFlight.Count >= storage.MaxInFlight) await ReleaseOldestAsync();
                    continue;
                }

                Task waiting;
                lock (gate)
                {
                    if (closing && queue.Batches == 0 && inFlight.Count == 0) return;
                    waiting = closing ? Task.CompletedTask : WhenMore();
                }

                if (inFlight.Count == 0)
                {
                    await waiting;
                    continue;
                }

                var more = closing ? null : waiting.Here();
                if (more is null || await Task.WhenAny(inFlight.Peek().Durable, more) != more) await ReleaseOldestAsync();
            }
        }
        catch (Exception failure)
        {
            Poison(failure);
        }
    }

    private CommitBatch? TakeBatch()
    {
        lock (gate)
        {
            if (!closing && !queue.HasFull && !pace.IsDue) return null;
            if (owned is { Closed: false }) owned.WriteSlice(queue, nextChunk, OwnedSliceBytes, time.GetTimestamp());
            placing = queue.Take();
            if (placing is not null) pace.Took();
            return placing;
        }
    }

    // Something waits and is not due: until then, or until it fills its chunk, or the log closes.
    private Task WhenMore()
    {
        if (queue.Batches == 0 && owned is not { Closed: false }) return queue.WhenWaiting();
        return pace.IsDue ? Task.CompletedTask : Task.WhenAny(pace.WhenDue(), queue.WhenFull().Here());
    }

    private async ValueTask PlaceAsync(CommitBatch batch)
    {
        var length = ChunkCodec.PaddedLength(batch.FrameBytes);
        if (!segments.Fits(length))
        {
            await segments.RollAsync(length);
            lock (gate)
            {
                // A run that is not placed whole goes on and closes in this segment or a later one: else a run longer than a segment would beget the next one,
                // and the log would write itself full.
                owned ??= new OwnedSpan([.. AllClaims()]);
            }
        }

        batch.Address = segments.Place(nextChunk, length);
        lock (gate)
        {
            nextChunk++;
            if (batch.ClosesRun) owned = null;
        }
    }

    private void Write(CommitBatch batch)
    {
        var chunk = batch.Seal(Id, previousCrc, out previousCrc);
        batch.Begin(Id, chunk.Length);
        inFlight.Enqueue((batch, chunk.Length, storage.AppendAsync(Id, batch.Address, chunk, CancellationToken.None).AsTask()));
        placing = null;
    }

    private async Task ReleaseOldestAsync()
    {
        var (batch, length, durable) = inFlight.Peek();
        await durable;
        inFlight.Dequeue();
        Release(batch, length);
    }

    private void Release(CommitBatch batch, long length)
    {
        var steps = 0;
        lock (gate)
        {
            DurableEnd = batch.Address.Number + 1;
            DurableBytes += length;
            index.Release(batch);
            foreach (var frame in batch.Frames)
            {
                if (frame.Claim is not { } claim) continue;
                steps += frame.Count;
                claim.DurableNext = frame.Ordinal + frame.Count;
                (claim.LastChunk, claim.LastPlace) = (batch.Address.Number, frame.Offset);
                claim.DurablyEnded = frame.Kind switch
                {
                    FrameKind.End => true,
                    FrameKind.Resume => false,
                    _ => claim.DurablyEnded,
                };
                claim.Released?.TrySetResult();
                claim.Released = null;
            }

            Interlocked.Add(ref bytesInFlight, -batch.Frames.Sum(static f => f.Claim is null ? 0 : f.Length));
        }

        batch.End(null);
        meter.Committed(steps, batch.Frames.Count, length, time.GetElapsedTime(batch.EnqueuedAt));
        batch.Completion.TrySetResult();
        lock (gate) queue.Return(batch);
    }

    private void Poison(Exception failure)
    {
        var waiting = inFlight.Select(static f => f.Batch).ToList();
        lock (gate)
        {
            poisoned.TrySetResult(failure);
            // Taken from the queue, and without a place yet: its waiters must not wait for ever.
            if (placing is not null) waiting.Add(placing);
            while (queue.Take() is { } batch) waiting.Add(batch);
            foreach (var claim in AllClaims())
            {
                claim.Released?.TrySetResult();
                claim.Released = null;
            }
        }

        segments.Stop();
        foreach (var batch in waiting)
        {
            batch.End(failure);
            batch.Completion.TrySetException(new LogPoisonedException(Id, failure));
            // Nobody may await it (a cancelled caller): the reason is in Poisoned, and an unobserved fault would be noise.
            _ = batch.Completion.Task.Exception;
        }
    }

    private IEnumerable<LogClaim> AllClaims()
    {
        foreach (var newest in claims.Values)
            for (var claim = newest; claim is not null; claim = claim.Older)
                yield return claim;
    }
}
