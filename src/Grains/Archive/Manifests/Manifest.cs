using System.Collections.Immutable;
using Rollbook.StepLog;

namespace Rollbook.Archive;

/// <summary>The list of the packs of one project that count, and how far each log is packed. Changed only by compare-and-swap of the whole, through pure functions.</summary>
public sealed record Manifest
{
    /// <summary>Nothing packed yet.</summary>
    public static readonly Manifest Empty = new();

    /// <summary>Grows by one with each change.</summary>
    public long Version { get; init; }

    /// <summary>Per log the chunk up to which this project's records lie in packs.</summary>
    public ImmutableSortedDictionary<LogId, long> PackedTo { get; init; } = ImmutableSortedDictionary<LogId, long>.Empty;

    /// <summary>The packs, oldest first.</summary>
    public ImmutableList<Pack> Packs { get; init; } = [];

    /// <summary>
    /// The compaction that may be staged, and whose files nobody deletes; null = none. A compactor enters itself before it writes anything, so that one which was
    /// replaced meanwhile can't stage any more.
    /// </summary>
    public LogId? Compacting { get; init; }

    /// <summary>A compaction whose files are complete, while its episodes' headers are moved to them; null = none. Queries don't see it yet.</summary>
    public Compaction? Staged { get; init; }

    /// <summary>Files that count no more, which are deleted when nobody reads them.</summary>
    public ImmutableList<DroppedFile> Dropped { get; init; } = [];

    /// <summary>Deletions that were asked for and whose bytes may still lie in files. Their episodes count nowhere any more.</summary>
    public ImmutableList<Deletion> Deletions { get; init; } = [];

    /// <summary>Null for one that is not stored yet.</summary>
    public string? ETag { get; init; }

    /// <summary>The chunk up to which a log is packed; 0 where nothing of it is.</summary>
    public long PackedToOf(LogId log) => PackedTo.GetValueOrDefault(log);

    /// <summary>The pack that holds a chunk of a log; null where there is none: it is not packed yet, or the project had no record in it, or it was sealed since.</summary>
    public Pack? Find(LogId log, long chunk) =>
        Packs.Find(p => p.Holds(log, chunk)) ?? Staged?.Sealed.Find(p => p.Holds(log, chunk));

    /// <summary>
    /// This manifest with one more pack. A pack counts only where it begins exactly at what is packed: else another archiver was there, and what it packed would
    /// stand twice.
    /// </summary>
    /// <returns>The changed manifest; null where the pack doesn't follow.</returns>
    public Manifest? With(Pack pack) => pack.From != PackedToOf(pack.Log) || pack.To <= pack.From
        ? null
        : Next() with { PackedTo = PackedTo.SetItem(pack.Log, pack.To), Packs = Packs.Add(pack) };

    /// <summary>
    /// Enters a compaction that begins. Null while one is staged: that one is finished first; and where a pack that it chose is not listed as it was read: one of the same
    /// chunks may have taken its place, with less in it.
    /// </summary>
    public Manifest? Enter(LogId compaction, params IReadOnlyCollection<Pack> chosen) =>
        Staged is not null || !chosen.All(Packs.Contains) ? null : Next() with { Compacting = compaction };

    /// <summary>Stages a compaction. Null where it was replaced, or where a pack that it read counts no more: what it read is no longer what counts.</summary>
    public Manifest? Stage(LogId compaction, Compaction staged) =>
        Compacting != compaction || Staged is not null || !staged.Inputs.TrueForAll(Lists) ? null : Next() with { Staged = staged };

    /// <summary>A compaction that entered comes to nothing: nobody keeps its files any more. Null where it was replaced, or is staged.</summary>
    public Manifest? Leave(LogId compaction) => Compacting != compaction || Staged is not null ? null : Next() with { Compacting = null };

    /// <summary>The staged compaction's packs in place of those that it read, in one change. Null where another has finished it.</summary>
    public Manifest? Finish(Compaction staged, long at)
    {
        if (Staged is null || !Staged.Inputs.SequenceEqual(staged.Inputs)) return null;
        var dropped = Packs.Where(p => Staged.Inputs.Contains(PackRange.Of(p))).SelectMany(static p => p.Files).Select(f => new DroppedFile(f.Name, at));
        return Next() with
        {
            Packs = Packs.RemoveAll(p => Staged.Inputs.Contains(PackRange.Of(p))).InsertRange(0, [.. Staged.Sealed, .. Staged.Rest]),
            Staged = null,
            Compacting = null,
            Dropped = Dropped.AddRange(dropped),
        };
    }

    /// <summary>This manifest without the dropped files that were deleted.</summary>
    public Manifest? Forget(IReadOnlySet<string> deleted) => deleted.Count == 0 ? null : Next() with { Dropped = Dropped.RemoveAll(f => deleted.Contains(f.Name)) };

    /// <summary>All episodes that are deleted, or are being deleted at this moment.</summary>
    public IReadOnlySet<EpisodeId> DeletedEpisodes() => Union(Deletions);

    /// <summary>The deleted episodes whose records may be dropped: their headers say so.</summary>
    public IReadOnlySet<EpisodeId> DroppableEpisodes() => Union(Deletions.Where(static d => d.Moved));

    /// <summary>Enters a deletion. Null where it is there already.</summary>
    public Manifest? Delete(Deletion deletion) => Find(deletion.Receipt) is not null ? null : Next() with { Deletions = Deletions.Add(deletion) };

    /// <summary>Some episodes of a deletion stay after all; one without any goes. Null where that changes nothing.</summary>
    public Manifest? Spare(LogId receipt, IReadOnlyCollection<EpisodeId> spared)
    {
        if (Find(receipt) is not { Moved: false } deletion || !spared.Any(deletion.Episodes.Contains)) return null;
        var left = deletion with { Episodes = deletion.Episodes.Except(spared) };
        return Next() with { Deletions = left.Episodes.IsEmpty ? Deletions.Remove(deletion) : Deletions.Replace(deletion, left) };
    }

    /// <summary>All headers of a deletion say so: what its episodes left may be dropped. Null where that is known.</summary>
    public Manifest? Moved(LogId receipt) =>
        Find(receipt) is { Moved: false } deletion ? Next() with { Deletions = Deletions.Replace(deletion, deletion with { Moved = true }) } : null;

    /// <summary>No listed file has anything of some deletions any more: the files that are dropped now are the last that may. Null where that is known.</summary>
    public Manifest? Cleared(IReadOnlyCollection<LogId> receipts)
    {
        var cleared = Deletions.Where(d => receipts.Contains(d.Receipt) && d.Awaits is null).ToList();
        if (cleared.Count == 0) return null;
        ImmutableList<string> awaits = [.. Dropped.Select(static f => f.Name)];
        return Next() with { Deletions = [.. Deletions.Select(d => cleared.Contains(d) ? d with { Awaits = awaits } : d)] };
    }

    /// <summary>A deletion is final: no file has anything of it. Null where that is known.</summary>
    public Manifest? Erased(LogId receipt) => Find(receipt) is { } deletion ? Next() with { Deletions = Deletions.Remove(deletion) } : null;

    /// <summary>A deletion that is not final; null where there is none.</summary>
    public Deletion? Find(LogId receipt) => Deletions.Find(d => d.Receipt == receipt);

    private static HashSet<EpisodeId> Union(IEnumerable<Deletion> deletions)
    {
        var ids = new HashSet<EpisodeId>();
        foreach (var deletion in deletions) ids.UnionWith(deletion.Episodes);
        return ids;
    }

    private bool Lists(PackRange range) => Packs.Exists(p => PackRange.Of(p) == range);

    private Manifest Next() => this with { Version = Version + 1 };
}
