using Microsoft.Extensions.Logging;
using Rollbook.Episodes;
using Rollbook.StepLog;

namespace Rollbook.Archive;

/// <summary>
/// Takes deleted episodes out of the files. A pack that has something of one is written anew without it, under the same log and chunks, so that what else it has is found
/// where it was; the new pack replaces the old one as a compaction's does. Most packs lose them earlier, in the next ordinary compaction: this is for those that would not
/// be compacted by themselves.
/// </summary>
internal sealed partial class Eraser
{
    private readonly RecorderCore core;
    private readonly IArchiveStore store;
    private readonly ManifestStore manifests;
    private readonly ILogRegistry registry;
    private readonly DeletionReceipts receipts;
    private readonly ArchiveOptions options;
    private readonly Func<LogId> mintLog;
    private readonly ILogger<Eraser> logger;
    private readonly Dictionary<string, PackContents> contents = new(StringComparer.Ordinal);

    /// <summary>Puts the parts together.</summary>
    public Eraser(
        RecorderCore core, IArchiveStore store, ManifestStore manifests, ILogRegistry registry, DeletionReceipts receipts, ArchiveOptions options, Func<LogId> mintLog,
        ILogger<Eraser> logger) =>
        (this.core, this.store, this.manifests, this.registry, this.receipts, this.options, this.mintLog, this.logger) =
            (core, store, manifests, registry, receipts, options, mintLog, logger);

    /// <summary>Writes packs anew as long as one that is listed has something of a deletion that is due, and notes it where none has. One call at a time.</summary>
    /// <returns>How many packs were replaced.</returns>
    /// <exception cref="PackDamagedException">A pack is not what was written. Nothing was replaced.</exception>
    public async ValueTask<int> RunAsync(string project, CancellationToken cancellation)
    {
        var replaced = 0;
        while (true)
        {
            var manifest = await manifests.ReadAsync(project, cancellation);
            // What is staged is another's to finish.
            if (manifest.Staged is not null || Due(manifest) is not { Count: > 0 } due) return replaced;
            var sought = ContentsOf(project, due);
            await using var readers = new PackReaders(store, TaskScheduler.Current);
            var holding = await ChooseAsync(manifest, sought, readers, cancellation);
            if (holding.Count == 0)
            {
                await ClearAsync(project, due, sought, cancellation);
                return replaced;
            }

            if (!await ReplaceAsync(project, manifest, holding, readers, cancellation)) return replaced;
            replaced += holding.Count;
        }
    }

    /// <summary>Makes the deletions final of which no file has anything any more.</summary>
    public async ValueTask FinishAsync(string project, CancellationToken cancellation)
    {
        var manifest = await manifests.ReadAsync(project, cancellation);
        var dropped = manifest.Dropped.Select(static f => f.Name).ToHashSet(StringComparer.Ordinal);
        foreach (var deletion in manifest.Deletions.Where(d => d.Awaits is { } awaits && !awaits.Exists(dropped.Contains)))
        {
            // The receipt first: what is asked for is found in the manifest or there.
            await receipts.KeepAsync(project, DeletionReceipt.Of(deletion) with { ErasedAt = core.Time.GetUtcNow().ToUnixTimeMilliseconds() }, cancellation);
            await manifests.ChangeAsync(project, m => m.Erased(deletion.Receipt), cancellation);
            LogErased(project, deletion.Episodes.Count, deletion.Receipt);
        }
    }

    private List<Deletion> Due(Manifest manifest)
    {
        var before = core.Time.GetUtcNow().AddSeconds(-options.EraseSeconds).ToUnixTimeMilliseconds();
        return [.. manifest.Deletions.Where(d => d.Moved && d.Awaits is null && d.At <= before)];
    }

    private PackContents ContentsOf(string project, List<Deletion> due)
    {
        if (!contents.TryGetValue(project, out var sought)) contents[project] = sought = new PackContents(project);
        sought.Seek(due.SelectMany(static d => d.Episodes).ToHashSet());
        return sought;
    }

    private async ValueTask<List<Pack>> ChooseAsync(Manifest manifest, PackContents sought, PackReaders readers, CancellationToken cancellation)
    {
        var chosen = new List<Pack>();
        long bytes = 0;
        foreach (var pack in manifest.Packs)
        {
            // A day's file is named after its day and its writer: one of a day at a time.
            if (pack.Day is not null && chosen.Exists(p => p.Day == pack.Day)) continue;
            if (!await sought.HasAsync(pack, readers, cancellation)) continue;
            bytes += pack.Files.Sum(static f => f.Bytes);
            if (chosen.Count > 0 && bytes > options.CompactBytes) break;
            chosen.Add(pack);
        }

        return chosen;
    }

    private async ValueTask<bool> ReplaceAsync(string project, Manifest manifest, List<Pack> holding, PackReaders readers, CancellationToken cancellation)
    {
        var attempt = mintLog();
        if (await manifests.ChangeAsync(project, m => m.Enter(attempt, holding), cancellation) is null) return false;
        // All that may go, not only what is due: it is written once.
        var leaving = manifest.DroppableEpisodes();
        var writer = new RestPackWriter(readers, new PackFiles(store));
        var rest = new List<Pack>();
        try
        {
            foreach (var pack in holding)
            {
                var rows = pack.Episodes is null ? [] : await readers.EpisodesAsync(pack.Episodes.Name, project, cancellation);
                if (await writer.WriteAsync(project, attempt, [pack], leaving, [.. rows.Where(r => !leaving.Contains(r.Record.Key.Id))], cancellation) is { } written) rest.Add(written);
            }
        }
        catch (FileNotFoundException)
        {
            // A compaction replaced this one, whose files are deleted already.
            return false;
        }

        var compaction = new Compaction([.. holding.Select(PackRange.Of)], [], [.. rest]);
        if (await manifests.ChangeAsync(project, m => m.Stage(attempt, compaction), cancellation) is null) return false;
        // No header moves: the packs stand for the logs that they stood for. What crashes here is finished by any compaction.
        var at = core.Time.GetUtcNow().ToUnixTimeMilliseconds();
        await manifests.ChangeAsync(project, m => m.Finish(compaction, at), cancellation);
        LogReplaced(project, holding.Count);
        return true;
    }

    private async ValueTask ClearAsync(string project, List<Deletion> due, PackContents sought, CancellationToken cancellation)
    {
        var packed = new List<LogId>();
        var logs = await registry.ListAsync([LogState.Open, LogState.Fencing, LogState.Fenced, LogState.Recovered], cancellation);
        var manifest = await manifests.ReadAsync(project, cancellation);
        foreach (var deletion in due)
            if (await IsPackedAsync(project, deletion, logs, manifest, cancellation)) packed.Add(deletion.Receipt);
        if (packed.Count == 0) return;
        // A pack that was published since they were looked at may be the one that they went into.
        await manifests.ChangeAsync(project, m => m.Staged is null && m.Packs.TrueForAll(sought.IsKnownClean) ? m.Cleared(packed) : null, cancellation);
    }

    // What lies in a log and in no pack yet would come into the next one.
    private async ValueTask<bool> IsPackedAsync(string project, Deletion deletion, IReadOnlyList<LogRow> logs, Manifest manifest, CancellationToken cancellation)
    {
        try
        {
            foreach (var id in deletion.Episodes)
                foreach (var row in logs)
                {
                    var (entries, _) = await core.Library.FramesAsync(row.Log, new EpisodeKey(project, id), 0, int.MaxValue, cancellation);
                    if (entries.Exists(e => e.Chunk.Number >= manifest.PackedToOf(row.Log))) return false;
                }
        }
        catch (OwnerUnavailableException)
        {
            return false;
        }

        return true;
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "Wrote {Packs} packs of {Project} anew without deleted episodes.")]
    private partial void LogReplaced(string project, int packs);

    [LoggerMessage(Level = LogLevel.Information, Message = "{Episodes} deleted episodes of {Project} are erased; the receipt {Receipt} is final.")]
    private partial void LogErased(string project, int episodes, LogId receipt);
}
