using Microsoft.Extensions.Logging;
using Rollbook.Episodes;
using Rollbook.StepLog;

namespace Rollbook.Archive;

/// <summary>
/// Takes ended episodes out of the packs of the logs and puts each whole into the folders of the day on which it ended. Four steps, whose order is the protocol:
/// <list type="number">
/// <item>seal: stop each episode's owner and mark its header, <em>then</em> read it;</item>
/// <item>write the new files, and stage them in the manifest if every pack that was read still counts;</item>
/// <item>enter each day's log in the registry, with its index, and move the headers to the new files;</item>
/// <item>replace the old packs by the new ones in one change of the manifest.</item>
/// </list>
/// May be ended at any point and begun again, by anybody: what is staged is finished first, and what is marked is sealed by the next one.
/// </summary>
public sealed partial class Compactor
{
    private const int SealsAtOnce = 16;

    private readonly RecorderCore core;
    private readonly IArchiveStore store;
    private readonly ManifestStore manifests;
    private readonly ILogIndexStore indexes;
    private readonly ILogRegistry registry;
    private readonly ArchiveOptions options;
    private readonly EpisodeSealer sealer;
    private readonly Func<LogId> mintLog;
    private readonly ILogger<Compactor> logger;
    private readonly HashSet<EpisodeKey> unreadable = [];

    /// <summary>Puts the parts together.</summary>
    internal Compactor(
        RecorderCore core, IArchiveStore store, ManifestStore manifests, ILogIndexStore indexes, ILogRegistry registry, ArchiveOptions options, EpisodeSealer sealer,
        Func<LogId> mintLog, ILogger<Compactor> logger)
    {
        (this.core, this.store, this.manifests, this.indexes, this.registry, this.options, this.sealer, this.mintLog, this.logger) =
            (core, store, manifests, indexes, registry, options, sealer, mintLog, logger);
    }

    /// <summary>One compaction of a project, or the rest of one that was begun.</summary>
    /// <returns>How many episodes were sealed; 0 where there was nothing to do.</returns>
    /// <exception cref="PackDamagedException">A pack is not what was written. Nothing was replaced.</exception>
    public async ValueTask<int> RunAsync(string project, CancellationToken cancellation)
    {
        var manifest = await manifests.ReadAsync(project, cancellation);
        if (manifest.Staged is { } left) return await FinishAsync(project, left, cancellation);
        var now = core.Time.GetUtcNow();
        var inputs = CompactionInputs.Choose(manifest, now.AddSeconds(-options.CompactSeconds).ToUnixTimeMilliseconds(), options.CompactBytes);
        if (inputs.Packs.Count == 0) return 0;
        await using var readers = new PackReaders(store, TaskScheduler.Current);
        var rows = await NewestAsync(project, inputs, readers, cancellation);
        var deleted = manifest.DroppableEpisodes();
        var candidates = rows.Values.Where(r => IsFinal(r.Record, now) && !unreadable.Contains(r.Record.Key) && !deleted.Contains(r.Record.Key.Id)).ToList();
        var episodes = await SealAsync(candidates, inputs, now, cancellation);
        if (episodes.Count == 0 && !inputs.Logs.Any(l => l.Count >= options.MergePacks)) return 0;
        var attempt = mintLog();
        if (await manifests.ChangeAsync(project, m => m.Enter(attempt, inputs.Packs), cancellation) is null) return 0;
        Compaction compaction;
        try
        {
            compaction = await WriteAsync(project, attempt, inputs, episodes, deleted, rows, readers, cancellation);
        }
        catch (EpisodeUnreadableException failure)
        {
            // The next round goes on without it.
            unreadable.Add(failure.Key);
            LogUnreadable(failure, failure.Key);
            await sealer.CancelAsync(episodes.Find(e => e.Header.Key == failure.Key)!.Header, cancellation);
            // What it has written is the janitor's now.
            await manifests.ChangeAsync(project, m => m.Leave(attempt), cancellation);
            return 0;
        }
        catch (FileNotFoundException)
        {
            // Another compaction replaced this one, whose files are deleted already.
            return 0;
        }

        return await manifests.ChangeAsync(project, m => m.Stage(attempt, compaction), cancellation) is null
            ? 0
            : await FinishAsync(project, compaction, cancellation);
    }

    private async ValueTask<Dictionary<EpisodeId, EpisodeRow>> NewestAsync(string project, CompactionInputs inputs, PackReaders readers, CancellationToken cancellation)
    {
        var newest = new Dictionary<EpisodeId, EpisodeRow>();
        foreach (var pack in inputs.Packs)
        {
            if (pack.Episodes is null) continue;
            foreach (var row in await readers.EpisodesAsync(pack.Episodes.Name, project, cancellation))
            {
                var id = row.Record.Key.Id;
                if (!newest.TryGetValue(id, out var known) || (row.Term, row.Chunk, row.Place).CompareTo((known.Term, known.Chunk, known.Place)) > 0) newest[id] = row;
            }
        }

        return newest;
    }

    private bool IsFinal(EpisodeRecord record, DateTimeOffset now) => record.Status switch
    {
        EpisodeStatus.Completed or EpisodeStatus.Superseded or EpisodeStatus.Aborted => true,
        // Until then it may be resumed; one with a gap stays where the gap can be seen.
        EpisodeStatus.Lost => record.EndCause != Ending.DamagedCause && record.EndTime is { } end && end + options.LostSeconds < now.ToUnixTimeMilliseconds() / 1000.0,
        _ => false,
    };

    private async ValueTask<List<SealedEpisode>> SealAsync(List<EpisodeRow> candidates, CompactionInputs inputs, DateTimeOffset now, CancellationToken cancellation)
    {
        var episodes = new List<SealedEpisode>();
        foreach (var some in candidates.Chunk(SealsAtOnce))
            episodes.AddRange((await Task.WhenAll(some.Select(r => SealAsync(r, inputs, now, cancellation)))).OfType<SealedEpisode>());
        episodes.Sort(static (a, b) => a.Header.Key.Id.CompareTo(b.Header.Key.Id));
        return episodes;
    }

    private async Task<SealedEpisode?> SealAsync(EpisodeRow row, CompactionInputs inputs, DateTimeOffset now, CancellationToken cancellation)
    {
        var header = await core.Headers.ReadAsync(row.Record.Key, cancellation);
        // Looked at before the owner is stopped: it would only have to begin again.
        if (header is not { State: HeaderState.Open or HeaderState.Sealing } || header.Term != row.Term || !await HoldAsync(inputs, header, cancellation)) return null;
        if (await sealer.BeginAsync(header, tail => IsFinal(tail.Record, now), cancellation) is not { } begun) return null;
        if (await HoldAsync(inputs, begun.Header, cancellation)) return new SealedEpisode(begun.Header, begun.Tail);
        // Something was added after the look.
        await sealer.CancelAsync(begun.Header, cancellation);
        return null;
    }

    private async ValueTask<bool> HoldAsync(CompactionInputs inputs, EpisodeHeader header, CancellationToken cancellation)
    {
        foreach (var extent in header.Extents)
        {
            var (entries, damaged) = await core.Library.FramesAsync(extent.Log, header.Key, 0, int.MaxValue, cancellation);
            if (damaged || entries.Exists(e => e.Term == extent.Term && !inputs.Hold(extent.Log, e.Chunk.Number))) return false;
        }

        return true;
    }

    private async ValueTask<Compaction> WriteAsync(
        string project, LogId attempt, CompactionInputs inputs, List<SealedEpisode> episodes, IReadOnlySet<EpisodeId> deleted, Dictionary<EpisodeId, EpisodeRow> rows,
        PackReaders readers, CancellationToken cancellation)
    {
        var files = new PackFiles(store);
        var days = new SealedPackWriter(new EpisodeReader(core.Library, core.Frames), new ScoreReader(core.Library, core.Frames), files);
        var at = core.Time.GetUtcNow().ToUnixTimeMilliseconds();
        var packs = new List<Pack>();
        foreach (var day in episodes.GroupBy(static e => e.Day).OrderBy(static g => g.Key))
            packs.Add(await days.WriteAsync(project, attempt, mintLog(), day.Key, [.. day], at, cancellation));
        // Deleted ones leave, too, for nowhere.
        var leaving = episodes.Select(static e => e.Header.Key.Id).Concat(deleted).ToHashSet();
        var rests = new RestPackWriter(readers, files);
        var rest = new List<Pack>();
        foreach (var log in inputs.Logs)
        {
            var staying = rows.Values.Where(r => r.Log == log[0].Log && !leaving.Contains(r.Record.Key.Id)).OrderBy(static r => r.Record.Key.Id).ToList();
            if (await rests.WriteAsync(project, attempt, log, leaving, staying, cancellation) is { } pack) rest.Add(pack);
        }

        return new Compaction([.. inputs.Packs.Select(PackRange.Of)], [.. packs], [.. rest]);
    }

    private async ValueTask<int> FinishAsync(string project, Compaction compaction, CancellationToken cancellation)
    {
        var moved = 0;
        await using var readers = new PackReaders(store, TaskScheduler.Current);
        foreach (var pack in compaction.Sealed)
        {
            var index = await SealedIndex.ReadAsync(pack, readers, cancellation);
            await EnterAsync(pack, index, cancellation);
            var endings = index.Entries.ToArray().Where(static e => e.Kind == FrameKind.End).ToList();
            foreach (var some in endings.Chunk(SealsAtOnce))
                await Task.WhenAll(some.Select(e => sealer.FinishAsync(new EpisodeKey(project, e.Episode), pack.Log, e.Term, cancellation).AsTask()));
            moved += endings.Count;
        }

        var at = core.Time.GetUtcNow().ToUnixTimeMilliseconds();
        await manifests.ChangeAsync(project, m => m.Finish(compaction, at), cancellation);
        foreach (var pack in compaction.Sealed) core.Frames.Freed(pack.Log, pack.To);
        LogCompacted(project, moved, compaction.Inputs.Count);
        return moved;
    }

    // Only now, when the pack is staged: rows are never deleted, and one of a compaction that came to nothing would stand for ever. A repeat finds it there.
    private async ValueTask EnterAsync(Pack pack, SegmentIndex index, CancellationToken cancellation)
    {
        await indexes.PutAsync(pack.Log, SegmentIndexCodec.NameOf(0), SegmentIndexCodec.Write(pack.Log, index), cancellation);
        await registry.InsertAsync(
            new LogRow
            {
                Log = pack.Log,
                Address = "archive",
                Generation = 0,
                BootId = "",
                ProcessId = 0,
                CreatedAt = pack.At,
                State = LogState.Trimmed,
                Fence = pack.To,
                TrimmedTo = pack.To,
            },
            cancellation);
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "Compacted {Inputs} packs of {Project}: {Episodes} episodes are sealed.")]
    private partial void LogCompacted(string project, int episodes, int inputs);

    [LoggerMessage(Level = LogLevel.Error, Message = "The episode {Key} can't be read whole, so it stays in its packs.")]
    private partial void LogUnreadable(Exception failure, EpisodeKey key);
}
