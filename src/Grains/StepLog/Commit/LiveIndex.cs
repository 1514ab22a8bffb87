namespace Rollbook.StepLog;

/// <summary>
/// The index of the log that is being written: the open segment in memory, closed ones durable in the index store. Released frames only.
/// </summary>
internal sealed class LiveIndex(LogId log, ILogIndexStore store, StepLogMeter meter)
{
    // Twice what a segment of 64 MiB in steps of 1,160 bytes needs.
    private const int MostKept = 8 << 20;

    private readonly Lock gate = new();
    private readonly LogIndex closed = new(log, store);
    private readonly List<SegmentIndexBuilder> closing = [];
    private SegmentIndexBuilder open = new(0, 0);
    private Task writes = Task.CompletedTask;

    // Of the writes, which follow each other.
    private byte[] buffer = [];
    private long ownedBegin;
    private long indexedTo;

    /// <summary>The chunk below which nothing is read any more that packs don't hold: see <see cref="WriteAheadLog.FreeableTo"/>.</summary>
    public long FreeableTo
    {
        get { lock (gate) return Math.Min(ownedBegin, indexedTo); }
    }

    /// <summary>Takes the frames of a durable chunk. Chunks come in order.</summary>
    public void Release(CommitBatch batch)
    {
        lock (gate)
        {
            if (batch.Address.Segment != open.Segment)
            {
                closing.Add(open);
                open = new SegmentIndexBuilder(batch.Address.Segment, batch.Address.Number);
                writes = WriteIndexesAsync(writes);
            }

            open.EndChunk = batch.Address.Number + 1;
            foreach (var frame in batch.Frames)
            {
                if (frame.Kind == FrameKind.OwnedClose) open.OwnedBegin = ownedBegin = frame.Ordinal;
                open.Add(new IndexEntry(frame.Key.Project, frame.Key.Id, frame.Term, frame.Ordinal, frame.Count, frame.Kind, batch.Address, frame.Offset, frame.Length));
            }
        }
    }

    /// <summary>An episode's released frames from an ordinal on, in log order, at most <paramref name="limit"/>.</summary>
    public async ValueTask<List<IndexEntry>> CollectAsync(EpisodeKey key, long from, int limit, CancellationToken cancellation)
    {
        List<IndexEntry> live = [];
        lock (gate)
        {
            foreach (var builder in closing) FrameRuns.AddFrom(builder.Of(key), from, limit, live);
            FrameRuns.AddFrom(open.Of(key), from, limit, live);
        }

        var found = await closed.CollectAsync(key, from, limit, cancellation);
        // A segment may have moved from memory to the store in between: its entries would stand twice.
        var seen = found.Count == 0 ? -1 : found[^1].Chunk.Number;
        foreach (var entry in live)
            if (entry.Chunk.Number > seen && found.Count < limit) found.Add(entry);
        return found;
    }

    /// <summary>Returns when every closed segment's index was tried to be written.</summary>
    public Task DrainAsync()
    {
        lock (gate) return writes;
    }

    // Indexes can be made again from the log, so a full disk doesn't fail the log: the entries stay in memory and the next close tries again.
    private Task WriteIndexesAsync(Task before) => Task.Factory.StartNew(
        async () =>
        {
            await before;
            while (NextToWrite() is { } full)
            {
                SegmentIndex index;
                try
                {
                    index = full.Close();
                    var bytes = SegmentIndexCodec.Write(log, index, ref buffer);
                    await store.PutAsync(log, SegmentIndexCodec.NameOf(index.Segment), bytes, CancellationToken.None);
                    // A segment of tiny frames has an index many times as long as others.
                    if (buffer.Length > MostKept) buffer = [];
                }
                catch (Exception)
                {
                    // Whether the store is still at it is not known.
                    buffer = [];
                    return;
                }

                lock (gate)
                {
                    closed.Add(index);
                    closing.Remove(full);
                    indexedTo = index.EndChunk;
                }

                meter.SegmentClosed();
            }
        },
        CancellationToken.None, TaskCreationOptions.None, TaskScheduler.Current).Unwrap();

    private SegmentIndexBuilder? NextToWrite()
    {
        lock (gate) return closing.Count > 0 ? closing[0] : null;
    }
}
