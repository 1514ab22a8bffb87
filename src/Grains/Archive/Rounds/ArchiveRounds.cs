using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using Rollbook.Episodes;
using Rollbook.Recovery;
using Rollbook.StepLog;

namespace Rollbook.Archive;

/// <summary>
/// Packs this silo's log as it grows and the dead logs that it finds, and frees what is packed. Every step may be the last one of the process: the next one begins
/// where the manifests and the registry say.
/// </summary>
public sealed partial class ArchiveRounds
{
    // While it catches up: segments of so many packs are freed together.
    private const int StretchesToFree = 8;

    private readonly Archiver archiver;
    private readonly Compactor compactor;
    private readonly Janitor janitor;
    private readonly ManifestStore manifests;
    private readonly RecorderCore core;
    private readonly ILogRegistry registry;
    private readonly ArchiveOptions options;
    private readonly ArchiveMeter meter;
    private readonly ILogger<ArchiveRounds> logger;
    private readonly Deletions? deletions;
    private readonly Eraser? eraser;

    // Apart from each other: a dead log may take long, and so may a compaction, and the own log fills meanwhile.
    private readonly SemaphoreSlim ownTurn = new(1, 1);
    private readonly SemaphoreSlim deadTurn = new(1, 1);
    private readonly SemaphoreSlim compactionTurn = new(1, 1);
    private readonly Dictionary<LogId, long> packed = [];
    // Of dead logs only, and of those only the ones that are not freed: few.
    private readonly HashSet<LogId> packedWhole = [];
    private volatile IReadOnlyList<LogId> unseenLogs = [];
    private volatile int damagedLogs;
    private readonly ConcurrentDictionary<string, bool> projects = new(StringComparer.Ordinal);
    private bool listed;
    // Of the own log, within its turn: all before the chunk End are Bytes, and were durable at At.
    private readonly Queue<(long End, long Bytes, long At)> marks = [];
    private int unfreed;
    private long packedBytes;
    private long packedAt;

    /// <summary>Rounds that delete nothing but files.</summary>
    public ArchiveRounds(
        Archiver archiver, Compactor compactor, Janitor janitor, ManifestStore manifests, RecorderCore core, ILogRegistry registry, ArchiveOptions options,
        ArchiveMeter meter, ILogger<ArchiveRounds> logger)
        : this(archiver, compactor, janitor, manifests, core, registry, options, meter, logger, null, null)
    {
    }

    /// <summary>Rounds that complete deletions of episodes, too.</summary>
    internal ArchiveRounds(
        Archiver archiver, Compactor compactor, Janitor janitor, ManifestStore manifests, RecorderCore core, ILogRegistry registry, ArchiveOptions options,
        ArchiveMeter meter, ILogger<ArchiveRounds> logger, Deletions? deletions, Eraser? eraser)
    {
        (this.archiver, this.compactor, this.janitor, this.manifests, this.core, this.registry, this.options, this.meter, this.logger, this.deletions, this.eraser) =
            (archiver, compactor, janitor, manifests, core, registry, options, meter, logger, deletions, eraser);
        packedAt = core.Time.GetTimestamp();
    }

    /// <summary>
    /// Dead logs that queries don't see whole: something of them is in no pack yet, or episodes that ran in them are not known to be another log's.
    /// </summary>
    public IReadOnlyList<LogId> UnseenLogs => unseenLogs;

    /// <summary>Logs with a damaged place, which are kept as they are.</summary>
    public int DamagedLogs => damagedLogs;

    /// <summary>Where the own log is packed; null = where the caller runs.</summary>
    internal TaskScheduler? Background { get; init; }

    /// <summary>Where dead logs are packed; null = where the caller runs.</summary>
    internal TaskScheduler? DeadBackground { get; init; }

    /// <summary>Whether queries don't see a dead log whole yet: see <see cref="UnseenLogs"/>.</summary>
    public bool IsUnseen(LogRow row) => row.State < LogState.Recovered || IsUnpacked(row);

    /// <summary>Dead logs of which every record is in a published pack, as far as this silo knows.</summary>
    public IReadOnlyCollection<LogId> PackedLogs
    {
        get { lock (packed) return [.. packedWhole]; }
    }

    /// <summary>Another silo has packed dead logs as a whole.</summary>
    public void KnowPacked(IEnumerable<LogId> logs)
    {
        lock (packed) packedWhole.UnionWith(logs);
    }

    /// <summary>The projects that have a manifest, as far as this silo has met them.</summary>
    public IReadOnlyCollection<string> Projects => [.. projects.Keys];

    /// <summary>Bytes of the own log that no pack holds yet.</summary>
    public long BacklogBytes => core.Log.DurableBytes - Interlocked.Read(ref packedBytes);

    /// <summary>Seconds since the own log was packed as a whole.</summary>
    public double BacklogSeconds => BacklogBytes == 0 ? 0 : core.Time.GetElapsedTime(Interlocked.Read(ref packedAt)).TotalSeconds;

    /// <summary>Whether the own log is to be packed: enough bytes, or enough time since the last pack.</summary>
    public bool Due => BacklogBytes >= options.PackBytes || BacklogSeconds >= options.PackSeconds;

    /// <summary>Packs all that the own log holds at this moment, for somebody who waits for it, and frees what it may.</summary>
    public async ValueTask PackOwnAsync(CancellationToken cancellation) => await PackOwnAsync(int.MaxValue, cancellation);

    /// <summary>Packs one stretch of the own log, frees what it may, and pauses where recording should go first.</summary>
    public async ValueTask PackStretchAsync(CancellationToken cancellation)
    {
        var pause = await PackOwnAsync(1, cancellation);
        // Outside of the turn: neither a query nor a dead log waits for it.
        if (pause > TimeSpan.Zero) await Task.Delay(pause, core.Time, cancellation);
    }

    /// <summary>Finds the dead logs: before the first query, which must not take a part for the whole.</summary>
    public async ValueTask FindDeadAsync(CancellationToken cancellation) => Tell(await DeadRowsAsync(cancellation));

    /// <summary>Packs the dead logs, and frees those that nothing is left of.</summary>
    /// <returns>How many have something in no pack yet.</returns>
    public async ValueTask<int> PackDeadAsync(CancellationToken cancellation)
    {
        await deadTurn.WaitAsync(cancellation);
        try
        {
            var rows = await DeadRowsAsync(cancellation);
            Tell(rows);
            foreach (var row in rows)
            {
                try
                {
                    await PackDeadAsync(row, cancellation);
                }
                catch (Exception failure) when (failure is not OperationCanceledException)
                {
                    // One log that can't be read, or that a newer release wrote, must not hold up the others.
                    meter.Failed();
                    LogFailed(failure, row.Log);
                }

                Tell(rows);
            }

            return rows.Count(IsUnpacked);
        }
        finally
        {
            deadTurn.Release();
        }
    }

    /// <summary>Compacts every project's packs that are old enough, goes on with deletions of episodes, and deletes what counts no more.</summary>
    /// <param name="cancellation">Ends it at the next write.</param>
    /// <param name="mine">Whether this silo does it for a project; null = for all.</param>
    /// <returns>How many episodes were sealed.</returns>
    public async ValueTask<int> CompactAsync(CancellationToken cancellation, Func<string, ValueTask<bool>>? mine = null)
    {
        await compactionTurn.WaitAsync(cancellation);
        try
        {
            if (!listed)
                foreach (var project in await manifests.ProjectsAsync(cancellation)) projects[project] = true;
            listed = true;
            var total = 0;
            foreach (var project in projects.Keys)
            {
                if (mine is not null && !await mine(project)) continue;
                // As long as there is something: one compaction reads a bounded number of packs.
                while (await compactor.RunAsync(project, cancellation) is var episodes && episodes > 0) total += episodes;
                if (deletions is not null) await deletions.ResumeAsync(project, cancellation);
                if (eraser is not null) await eraser.RunAsync(project, cancellation);
                await janitor.RunAsync(project, cancellation);
                if (eraser is not null) await eraser.FinishAsync(project, cancellation);
            }

            return total;
        }
        catch (Exception failure) when (failure is not OperationCanceledException)
        {
            meter.Failed();
            LogNotCompacted(failure);
            throw;
        }
        finally
        {
            compactionTurn.Release();
        }
    }

    private async ValueTask<TimeSpan> PackOwnAsync(int stretches, CancellationToken cancellation)
    {
        await ownTurn.WaitAsync(cancellation);
        try
        {
            var (at, bytes, end) = (core.Time.GetTimestamp(), core.Log.DurableBytes, core.Log.DurableEnd);
            marks.Enqueue((end, bytes, at));
            var (took, queue) = await PackToAsync(core.Log.Id, end, stretches, cancellation);
            var caughtUp = Account(end);
            // Freeing writes to the registry and to the disk, whatever it frees.
            if (caughtUp || ++unfreed == StretchesToFree)
            {
                await FreeOwnAsync(cancellation);
                unfreed = 0;
            }

            return RecordingFirst.PauseAfter(took, queue, BacklogBytes, options);
        }
        catch (Exception failure) when (failure is not OperationCanceledException)
        {
            meter.Failed();
            LogFailed(failure, core.Log.Id);
            throw;
        }
        finally
        {
            ownTurn.Release();
        }
    }

    /// <summary>Takes the newest moment up to which all is packed, and tells whether that is all up to an end.</summary>
    private bool Account(long end)
    {
        long to;
        lock (packed) packed.TryGetValue(core.Log.Id, out to);
        while (marks.TryPeek(out var mark) && mark.End <= to)
        {
            Interlocked.Exchange(ref packedBytes, mark.Bytes);
            Interlocked.Exchange(ref packedAt, mark.At);
            marks.Dequeue();
        }

        return to >= end;
    }

    private async ValueTask<List<LogRow>> DeadRowsAsync(CancellationToken cancellation) =>
        [.. (await registry.ListAsync([LogState.Fenced, LogState.Recovered], cancellation)).Where(r => r.Log != core.Log.Id)];

    // A running episode has no row in a pack: until recovery has given it to another log nobody tells of it.
    private void Tell(List<LogRow> dead)
    {
        unseenLogs = [.. dead.Where(IsUnseen).Select(static r => r.Log)];
        damagedLogs = dead.Count(static r => r.Quarantined is not null);
    }

    private bool IsUnpacked(LogRow row)
    {
        lock (packed) return !packedWhole.Contains(row.Log) && Math.Max(row.TrimmedTo, packed.GetValueOrDefault(row.Log)) < DeadLog.EndOf(row);
    }

    private async ValueTask PackDeadAsync(LogRow row, CancellationToken cancellation)
    {
        var end = DeadLog.EndOf(row);
        if (IsUnpacked(row)) await PackToAsync(row.Log, end, int.MaxValue, cancellation);
        KnowPacked([row.Log]);
        // A damaged log is kept as it is, for a person; one whose episodes still run on is read by their claims.
        if (row.State != LogState.Recovered || row.Quarantined is not null) return;
        // The mark first, so that nobody takes what is freed for the log's end.
        if (await registry.ReplaceAsync(row with { State = LogState.Trimmed, TrimmedTo = end }, cancellation) is null) return;
        core.Frames.Freed(row.Log, end);
        await core.Log.Storage.TrimAsync(row.Log, end, cancellation);
        LogFreed(row.Log);
    }

    /// <summary>Packs a log up to an end, or so many stretches of it. Tells how long the last one took, and how its thread ran.</summary>
    private async ValueTask<(TimeSpan Took, RunQueue? Queue)> PackToAsync(LogId log, long end, int stretches, CancellationToken cancellation)
    {
        var (own, last) = (log == core.Log.Id, (TimeSpan.Zero, (RunQueue?)null));
        for (; stretches > 0; stretches--)
        {
            long from;
            lock (packed) packed.TryGetValue(log, out from);
            if (from == 0 && !own) from = (await registry.ReadAsync(log, cancellation))?.TrimmedTo ?? 0;
            if (from >= end) break;
            if (!own) await AfterOwnAsync(cancellation);
            var began = core.Time.GetTimestamp();
            var where = own ? Background : DeadBackground;
            var (stretch, queue) = await (where is null
                ? WatchedAsync()
                : Task.Factory.StartNew(WatchedAsync, cancellation, TaskCreationOptions.DenyChildAttach, where).Unwrap());
            if (stretch.To > from)
                lock (packed) packed[log] = stretch.To;
            foreach (var project in stretch.Projects) projects[project] = true;
            last = (core.Time.GetElapsedTime(began), queue);
            meter.Packed(stretch, last.Item1);
            if (!own) continue;
            foreach (var project in stretch.Projects)
                core.Log.ForgetPacked(project, (await manifests.KnownAsync(project, cancellation)).PackedToOf(log));

            async Task<(PackedStretch, RunQueue?)> WatchedAsync()
            {
                // Where it has a thread of its own, it is on that before and after.
                var before = where is null ? null : RunQueue.OfThisThread();
                var packed = await archiver.PackAsync(log, from, end, cancellation);
                return (packed, before is null ? null : RunQueue.OfThisThread() - before);
            }
        }

        return last;
    }

    // The own log goes first, since steps wait for its room: a stretch of a dead one begins behind a packing that is under way or waits.
    private async ValueTask AfterOwnAsync(CancellationToken cancellation)
    {
        await ownTurn.WaitAsync(cancellation);
        ownTurn.Release();
    }

    private async ValueTask FreeOwnAsync(CancellationToken cancellation)
    {
        long to;
        lock (packed) packed.TryGetValue(core.Log.Id, out to);
        to = Math.Min(to, core.Log.FreeableTo);
        var row = await registry.ReadAsync(core.Log.Id, cancellation);
        if (row is not { State: LogState.Open } || row.TrimmedTo >= to) return;
        // Whoever fences this log from now on probes from the mark: moved before anything is freed, and only while the log is open.
        if (await registry.ReplaceAsync(row with { TrimmedTo = to }, cancellation) is null) return;
        core.Frames.Freed(core.Log.Id, to);
        await core.Log.Storage.TrimAsync(core.Log.Id, to, cancellation);
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "The log {Log} could not be packed; nothing is lost, and the next round tries again.")]
    private partial void LogFailed(Exception failure, LogId log);

    [LoggerMessage(Level = LogLevel.Error, Message = "A compaction failed; nothing is lost, and the next round tries again.")]
    private partial void LogNotCompacted(Exception failure);

    [LoggerMessage(Level = LogLevel.Information, Message = "The log {Log} is packed as a whole and freed.")]
    private partial void LogFreed(LogId log);
}
