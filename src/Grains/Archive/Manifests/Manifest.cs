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

    /// <summary>Enters a compaction that begins. Null while one is staged: that one is finished first.</summary>
    public Manifest? Enter(LogId compaction) => Staged is not null ? null : Next() with { Compacting = compaction };

    /// <summary>Stages a compaction. Null where it was replaced, or where a pack that it read counts no more: what it read is no longer what counts.</summary>
    public Manifest? Stage(LogId compaction, Compaction staged) =>
        Compacting != compaction || Staged is not null || !staged.Inputs.TrueForAll(Lists) ? null : Next() with { Staged = staged };

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

    private bool Lists(PackRange range) => Packs.Exists(p => PackRange.Of(p) == range);

    private Manifest Next() => this with { Version = Version + 1 };
}
