using Rollbook.StepLog;

namespace Rollbook.Recovery;

/// <summary>
/// The one pass over a dead log: its indexed segments are taken as they are, the rest is read once, which gives the missing indexes and the tails.
/// </summary>
internal sealed class LogPass(IStepLogStorage storage, ILogIndexStore indexes)
{
    /// <summary>Loads a fenced log; reads chunks only where an index or the stored tails are missing.</summary>
    /// <exception cref="LogCorruptException">A chunk below the end is damaged.</exception>
    public async ValueTask<DeadLog> RunAsync(LogRow row, CancellationToken cancellation)
    {
        var log = row.Log;
        var index = new LogIndex(log, indexes);
        long indexedEnd = 0;
        long? ownedBegin = null;
        var end = DeadLog.EndOf(row);
        var segments = 0;
        for (; indexedEnd < end; segments++)
        {
            if (await IndexAsync(log, segments, cancellation) is not { } found || (found.EndChunk > end && row.Quarantined is null)) break;
            index.Add(found);
            // Of a damaged segment the frames are known, but not its tails: those end before the damaged chunk.
            if (found.EndChunk <= end) ownedBegin = found.OwnedBegin ?? ownedBegin;
            indexedEnd = Math.Min(found.EndChunk, end);
        }

        var tails = await StoredAsync(row, cancellation);
        if (indexedEnd == end && tails is not null)
        {
            await AddBehindDamageAsync(row, index, segments, cancellation);
            return new DeadLog(row, index, tails);
        }

        // What is freed lies below a run of owned frames that was closed and durable, though its segment may have no index yet.
        var from = tails is null ? Math.Max(row.TrimmedTo, Math.Min(indexedEnd, ownedBegin ?? 0)) : indexedEnd;
        var pass = new TailTable();
        foreach (var segment in await ReadAsync(row, from, indexedEnd, end, pass, cancellation))
        {
            await indexes.PutAsync(log, SegmentIndexCodec.NameOf(segment.Segment), SegmentIndexCodec.Write(log, segment), cancellation);
            index.Add(segment);
            segments = segment.Segment + 1;
        }

        await AddBehindDamageAsync(row, index, segments, cancellation);
        if (tails is null) await indexes.PutAsync(log, StoredTails.Name, StoredTails.Write(pass), cancellation);
        return new DeadLog(row, index, tails ?? pass);
    }

    // An index names released frames only, and each frame proves itself: what was indexed behind a damaged chunk stays readable.
    private async ValueTask AddBehindDamageAsync(LogRow row, LogIndex index, int segment, CancellationToken cancellation)
    {
        if (row.Quarantined is null) return;
        for (; await IndexAsync(row.Log, segment, cancellation) is { } found; segment++) index.Add(found);
    }

    private async ValueTask<SegmentIndex?> IndexAsync(LogId log, int segment, CancellationToken cancellation) =>
        await indexes.GetAsync(log, SegmentIndexCodec.NameOf(segment), cancellation) is { } bytes ? SegmentIndexCodec.TryRead(log, bytes) : null;

    private async ValueTask<TailTable?> StoredAsync(LogRow row, CancellationToken cancellation)
    {
        // A recovered log left nothing unfinished, and its chunks may be gone.
        if (row.State is LogState.Recovered or LogState.Trimmed) return new TailTable();
        return await indexes.GetAsync(row.Log, StoredTails.Name, cancellation) is { } bytes ? StoredTails.TryRead(bytes) : null;
    }

    private async ValueTask<List<SegmentIndex>> ReadAsync(
        LogRow row, long from, long indexedEnd, long end, TailTable tails, CancellationToken cancellation)
    {
        var made = new List<SegmentIndex>();
        if (from >= end) return made;
        SegmentIndexBuilder? builder = null;
        await foreach (var chunk in storage.ReadAsync(row.Log, from, end, cancellation))
        {
            var at = chunk.Header.Address;
            if (at.Number < from) continue;
            if (at.Number >= indexedEnd && builder?.Segment != at.Segment)
            {
                if (builder is not null) made.Add(builder.Close());
                builder = new SegmentIndexBuilder(at.Segment, at.Number);
            }

            Take(chunk, at.Number >= indexedEnd ? builder : null, tails);
        }

        if (builder is not null) made.Add(builder.Close());
        return made;
    }

    private static void Take(in StoredChunk chunk, SegmentIndexBuilder? builder, TailTable tails)
    {
        var address = chunk.Header.Address;
        var frames = chunk.Frames.Span;
        var offset = ChunkCodec.HeaderSize;
        if (builder is not null) builder.EndChunk = address.Number + 1;
        while (!frames.IsEmpty)
        {
            // The device proved the chunk: what can't be read here was written by a newer release.
            if (!FrameCodec.TryRead(frames, out var frame)) throw new LogVersionException(chunk.Header.Log, address.Number);
            tails.Apply(frame);
            if (frame.Kind == FrameKind.OwnedClose && builder is not null) builder.OwnedBegin = frame.Ordinal;
            builder?.Add(new IndexEntry(frame.Key.Project, frame.Episode, frame.Term, frame.Ordinal, frame.Count, frame.Kind, address, offset, frame.Length));
            frames = frames[frame.Length..];
            offset += frame.Length;
        }
    }
}
