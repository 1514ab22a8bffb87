namespace Rollbook.StepLog;

/// <summary>
/// Finds an episode's frames in one log, segment by segment. Closed segments keep only a set of fingerprints in memory; their entries are read again
/// when an episode of theirs is asked for, and the last few stay.
/// </summary>
internal sealed class LogIndex(LogId log, ILogIndexStore store)
{
    // Each holds about 3.5 MB for a segment of 64 MiB in steps of 1,160 bytes.
    private const int CachedSegments = 16;

    private readonly Lock gate = new();
    private readonly List<ClosedSegment> closed = [];
    private readonly LinkedList<ClosedSegment> recent = new();

    /// <summary>Adds the next closed segment, whose index is durable.</summary>
    public void Add(SegmentIndex index)
    {
        lock (gate)
        {
            var segment = new ClosedSegment(index.Segment, Fingerprints(index)) { Loaded = index };
            closed.Add(segment);
            Touch(segment);
        }
    }

    /// <summary>An episode's entries of all closed segments from an ordinal on, in log order, at most <paramref name="limit"/>.</summary>
    public async ValueTask<List<IndexEntry>> CollectAsync(EpisodeKey key, long from, int limit, CancellationToken cancellation)
    {
        ClosedSegment[] candidates;
        lock (gate) candidates = [.. closed.Where(s => Array.BinarySearch(s.Fingerprints, Fingerprint(key.Id)) >= 0)];
        var found = new List<IndexEntry>();
        foreach (var segment in candidates)
        {
            var index = await LoadAsync(segment, cancellation);
            FrameRuns.AddFrom(index.Of(key), from, limit, found);
            if (found.Count >= limit) break;
        }

        return found;
    }

    private async ValueTask<SegmentIndex> LoadAsync(ClosedSegment segment, CancellationToken cancellation)
    {
        lock (gate)
        {
            if (segment.Loaded is { } loaded)
            {
                Touch(segment);
                return loaded;
            }
        }

        var name = SegmentIndexCodec.NameOf(segment.Segment);
        var bytes = await store.GetAsync(log, name, cancellation);
        var index = (bytes is null ? null : SegmentIndexCodec.TryRead(log, bytes))
            ?? throw new InvalidDataException($"The index {name} of the log {log} is damaged or gone. Start the silo again: it is made anew from the log.");
        lock (gate)
        {
            segment.Loaded = index;
            Touch(segment);
        }

        return index;
    }

    private void Touch(ClosedSegment segment)
    {
        if (segment.Node is { } node) recent.Remove(node);
        segment.Node = recent.AddFirst(segment);
        while (recent.Count > CachedSegments)
        {
            var oldest = recent.Last!.Value;
            recent.RemoveLast();
            oldest.Node = null;
            oldest.Loaded = null;
        }
    }

    // Without the project, which an index of the first format does not name: the same id in two of them is rare, and costs a look.
    private static ulong Fingerprint(EpisodeId episode) => (ulong)episode.Value;

    private static ulong[] Fingerprints(SegmentIndex index)
    {
        var all = new HashSet<ulong>();
        foreach (var entry in index.Entries) all.Add(Fingerprint(entry.Episode));
        var sorted = all.ToArray();
        Array.Sort(sorted);
        return sorted;
    }

    private sealed class ClosedSegment(int segment, ulong[] fingerprints)
    {
        public int Segment => segment;

        public ulong[] Fingerprints => fingerprints;

        public SegmentIndex? Loaded { get; set; }

        public LinkedListNode<ClosedSegment>? Node { get; set; }
    }
}
