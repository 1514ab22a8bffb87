namespace Rollbook.StepLog;

/// <summary>
/// The frames of one closed segment, sorted by episode, project and place. Owned frames are not in it: they are read by recovery's pass, never by an
/// episode's reader.
/// </summary>
public sealed class SegmentIndex
{
    private readonly IndexEntry[] entries;

    /// <summary>An index of entries that are sorted already.</summary>
    internal SegmentIndex(int segment, long firstChunk, long endChunk, long? ownedBegin, IndexEntry[] sorted)
    {
        Segment = segment;
        FirstChunk = firstChunk;
        EndChunk = endChunk;
        OwnedBegin = ownedBegin;
        entries = sorted;
    }

    /// <summary>The segment.</summary>
    public int Segment { get; }

    /// <summary>The number of its first chunk.</summary>
    public long FirstChunk { get; }

    /// <summary>The number after its last chunk.</summary>
    public long EndChunk { get; }

    /// <summary>The chunk in which the last run of owned frames begins that is closed within this segment; null where there is none.</summary>
    public long? OwnedBegin { get; }

    /// <summary>All entries, sorted.</summary>
    public ReadOnlySpan<IndexEntry> Entries => entries;

    /// <summary>One episode's entries in log order; in an index of the first format those of every project's episode of that id.</summary>
    public ReadOnlySpan<IndexEntry> Of(EpisodeKey key)
    {
        // All entries of an index name their project, or none does.
        var project = entries is [{ Project: not null }, ..] ? key.Project : null;
        var from = First(key.Id, project, 0);
        return entries.AsSpan(from, First(key.Id, project, 1) - from);
    }

    // The first entry that stands, compared with these two, at least so.
    private int First(EpisodeId episode, string? project, int least)
    {
        int low = 0, high = entries.Length;
        while (low < high)
        {
            var middle = (low + high) / 2;
            if (Math.Sign(entries[middle].CompareTo(episode, project)) < least) low = middle + 1;
            else high = middle;
        }

        return low;
    }
}
