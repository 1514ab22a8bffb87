using System.Diagnostics;
using System.Runtime.InteropServices;

namespace Rollbook.StepLog;

/// <summary>
/// The frames of a segment while it grows, found by episode. Entries come at release, in log order, so that nobody sees a step before its
/// chunk is durable. Not safe by itself: its log's lock guards it.
/// </summary>
internal sealed class SegmentIndexBuilder(int segment, long firstChunk)
{
    private readonly Dictionary<EpisodeKey, List<IndexEntry>> episodes = [];
    private readonly HashSet<string> projects = new(StringComparer.Ordinal);

    public int Segment => segment;

    public long FirstChunk => firstChunk;

    public long EndChunk { get; set; }

    public long? OwnedBegin { get; set; }

    public void Add(IndexEntry entry)
    {
        if (entry.Kind is FrameKind.Owned or FrameKind.OwnedClose) return;
        entry = entry with { Project = Shared(entry.Project!) };
        ref var list = ref CollectionsMarshal.GetValueRefOrAddDefault(episodes, new EpisodeKey(entry.Project!, entry.Episode), out _);
        list ??= new List<IndexEntry>(1);
        Debug.Assert(list.Count == 0 || list[^1].CompareTo(entry) < 0, "Entries come in the order of the log.");
        list.Add(entry);
    }

    public ReadOnlySpan<IndexEntry> Of(EpisodeKey key) =>
        episodes.TryGetValue(key, out var list) ? CollectionsMarshal.AsSpan(list) : default;

    public SegmentIndex Close()
    {
        // An episode's entries came in the order of the log, so that the episodes alone are to be sorted: there may be a million entries.
        var lists = episodes.Values.ToArray();
        Array.Sort(lists, static (left, right) => left[0].CompareTo(right[0]));
        var sorted = new IndexEntry[lists.Sum(static list => list.Count)];
        var at = 0;
        foreach (var list in lists)
        {
            list.CopyTo(sorted, at);
            at += list.Count;
        }

        return new SegmentIndex(segment, firstChunk, EndChunk, OwnedBegin, sorted);
    }

    // A frame that was read brings a text of its own, and there may be a million of them.
    private string Shared(string project)
    {
        if (projects.TryGetValue(project, out var known)) return known;
        projects.Add(project);
        return project;
    }
}
