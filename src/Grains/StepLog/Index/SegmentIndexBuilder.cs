using System.Runtime.InteropServices;

namespace Rollbook.StepLog;

/// <summary>
/// The frames of a segment while it grows, found by episode. Entries come at release, in log order, so that nobody sees a step before its
/// chunk is durable. Not safe by itself: its log's lock guards it.
/// </summary>
internal sealed class SegmentIndexBuilder(int segment, long firstChunk)
{
    private readonly Dictionary<EpisodeId, List<IndexEntry>> episodes = [];

    public int Segment => segment;

    public long FirstChunk => firstChunk;

    public long EndChunk { get; set; }

    public long? OwnedBegin { get; set; }

    public void Add(IndexEntry entry)
    {
        if (entry.Kind is FrameKind.Owned or FrameKind.OwnedClose) return;
        ref var list = ref CollectionsMarshal.GetValueRefOrAddDefault(episodes, entry.Episode, out _);
        list ??= new List<IndexEntry>(1);
        list.Add(entry);
    }

    public ReadOnlySpan<IndexEntry> Of(EpisodeId episode) =>
        episodes.TryGetValue(episode, out var list) ? CollectionsMarshal.AsSpan(list) : default;

    public SegmentIndex Close()
    {
        var all = new List<IndexEntry>();
        foreach (var list in episodes.Values) all.AddRange(list);
        var sorted = all.ToArray();
        Array.Sort(sorted);
        return new SegmentIndex(segment, firstChunk, EndChunk, OwnedBegin, sorted);
    }
}
