using Rollbook.Episodes;
using Rollbook.StepLog;

namespace Rollbook.Archive;

/// <summary>
/// Deletes files that count no more: those that a compaction replaced, after a grace for queries that began before, and those that were written and can never be
/// published any more. With the files that a compaction replaced, the indexes of their logs lose what was sealed.
/// </summary>
public sealed class Janitor(IArchiveStore store, ManifestStore manifests, ILogIndexStore indexes, IHeaderStore headers, TimeProvider time)
{
    private readonly IndexPruner pruner = new(indexes, headers, manifests);

    /// <summary>How long a replaced file stays readable: much longer than any query takes.</summary>
    public static readonly TimeSpan Grace = TimeSpan.FromMinutes(10);

    /// <summary>One look at a project's files.</summary>
    /// <returns>How many were deleted.</returns>
    public async ValueTask<int> RunAsync(string project, CancellationToken cancellation)
    {
        var names = new List<string>();
        await foreach (var entry in store.ListAsync(ArchivePaths.Project(project), cancellation)) names.Add(entry.Name);
        // After the listing: a file that was published since stands in it.
        var manifest = await manifests.ReadAsync(project, cancellation);
        var kept = manifest.Packs.Concat(manifest.Staged?.Sealed ?? []).Concat(manifest.Staged?.Rest ?? []).SelectMany(static p => p.Files).Select(static f => f.Name)
            .Concat(manifest.Dropped.Select(static f => f.Name)).ToHashSet(StringComparer.Ordinal);
        var deleted = 0;
        foreach (var name in names.Where(n => !kept.Contains(n) && IsOver(n, manifest)))
            if (await store.DeleteAsync(name, cancellation)) deleted++;
        return deleted + await DeleteDroppedAsync(project, manifest, cancellation);
    }

    // An archiver's file may still be published while its first chunk is not packed, a compaction's while the compaction is the one that may be staged.
    private static bool IsOver(string name, Manifest manifest)
    {
        if (ArchivePaths.TryParseCompacted(name, out var attempt)) return manifest.Compacting != attempt;
        return ArchivePaths.TryParsePack(name, out _, out var log, out var from, out _, out _) && from < manifest.PackedToOf(log);
    }

    private async ValueTask<int> DeleteDroppedAsync(string project, Manifest manifest, CancellationToken cancellation)
    {
        var before = time.GetUtcNow().Subtract(Grace).ToUnixTimeMilliseconds();
        var over = manifest.Dropped.Where(f => f.At < before).Select(static f => f.Name).ToHashSet(StringComparer.Ordinal);
        if (over.Count == 0) return 0;
        foreach (var name in over) await store.DeleteAsync(name, cancellation);
        foreach (var (log, to) in FreedTo(over)) await pruner.RunAsync(project, log, to, cancellation);
        // Last: what was not done is begun again.
        await manifests.ChangeAsync(project, m => m.Forget(over), cancellation);
        return over.Count;
    }

    private static Dictionary<LogId, long> FreedTo(IEnumerable<string> dropped)
    {
        var ends = new Dictionary<LogId, long>();
        foreach (var name in dropped)
            if (ArchivePaths.TryParseRange(name, out var log, out var to)) ends[log] = Math.Max(to, ends.GetValueOrDefault(log));
        return ends;
    }
}
