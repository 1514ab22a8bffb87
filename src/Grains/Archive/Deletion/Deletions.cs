using Microsoft.Extensions.Logging;
using Rollbook.Episodes;
using Rollbook.StepLog;

namespace Rollbook.Archive;

/// <summary>
/// Deletes episodes. Three steps, whose order is the protocol:
/// <list type="number">
/// <item>the manifest lists the deletion: from here on the episodes count in no listing and no query, and whoever comes next can go on;</item>
/// <item>each episode's owner is stopped and its header says that it is deleted: from here on nothing of it is read, and its worker's history drops it;</item>
/// <item>the manifest says that all headers are moved: from here on their records may be dropped, which an <see cref="Eraser"/> does.</item>
/// </list>
/// May be ended at any point: <see cref="ResumeAsync"/> goes on with what is listed.
/// </summary>
internal sealed partial class Deletions(
    RecorderCore core, ManifestStore manifests, DeletionReceipts receipts, EpisodeSealer sealer, IDoomedEpisodes doomed, Func<LogId> mintReceipt, ILogger<Deletions> logger)
{
    /// <summary>The most episodes of one request: the manifest lists each until it is erased.</summary>
    public const int MaxEpisodes = 100_000;

    private const int AtOnce = 16;
    private const int Tries = 8;

    // One deletion's headers are moved once at a time: a repeat waits for the first call instead of racing with it.
    private readonly SemaphoreSlim turn = new(1, 1);

    /// <summary>Deletes episodes; when it returns they can't be read any more.</summary>
    /// <param name="project">The project.</param>
    /// <param name="wanted">The episodes, as they were seen just now; at most <see cref="MaxEpisodes"/>.</param>
    /// <param name="abortRunning">Ends those that run; otherwise they stay.</param>
    /// <param name="cancellation">Ends it at the next step; what was listed by then is deleted by a later round.</param>
    /// <exception cref="OwnerUnavailableException">The owner of one did not answer: the deletion is listed, and the next rounds or a repeat complete it.</exception>
    public async ValueTask<DeletionAnswer> DeleteAsync(string project, IReadOnlyList<DoomedEpisode> wanted, bool abortRunning, CancellationToken cancellation)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(wanted.Count, MaxEpisodes);
        var manifest = await manifests.ReadAsync(project, cancellation);
        if (wanted.Count > 0 && manifest.Deletions.Find(d => wanted.All(e => d.Episodes.Contains(e.Id))) is { } known) return await RepeatAsync(project, known, cancellation);
        var listed = manifest.DeletedEpisodes();
        var codes = await EachAsync(wanted, episode => RefusalAsync(project, episode, listed, abortRunning), cancellation);
        var refused = codes.Where(static c => c.Code != RollbookCode.Ok).Select(static c => (c.Item.Id, c.Code)).ToList();
        var taken = codes.Where(static c => c.Code == RollbookCode.Ok).Select(static c => c.Item).ToList();
        if (taken.Count == 0) return new DeletionAnswer(null, refused);
        var steps = taken.Sum(static e => e.Steps);
        var deletion = new Deletion
        {
            Receipt = mintReceipt(),
            At = core.Time.GetUtcNow().ToUnixTimeMilliseconds(),
            Episodes = [.. taken.Select(static e => e.Id)],
            Steps = steps,
            Bytes = EstimateBytes(manifest, steps),
        };
        // A repeat of a change whose answer was lost finds it there.
        await manifests.ChangeAsync(project, m => m.Delete(deletion), cancellation);
        refused.AddRange(await MoveAsync(project, deletion, cancellation));
        var moved = deletion with { Episodes = deletion.Episodes.Except(refused.Select(static r => r.Id)) };
        if (!moved.Episodes.IsEmpty) LogDeleted(project, moved.Episodes.Count, moved.Receipt);
        return new DeletionAnswer(moved.Episodes.IsEmpty ? null : DeletionReceipt.Of(moved), refused);
    }

    /// <summary>Goes on with deletions whose headers are not all moved: whoever began them has gone, or an owner did not answer.</summary>
    public async ValueTask ResumeAsync(string project, CancellationToken cancellation)
    {
        foreach (var deletion in (await manifests.ReadAsync(project, cancellation)).Deletions.Where(static d => !d.Moved))
        {
            try
            {
                await MoveAsync(project, deletion, cancellation);
            }
            catch (OwnerUnavailableException)
            {
                // The next round asks again.
            }
        }
    }

    /// <summary>What became of a deletion; null where there is none of that id.</summary>
    public async ValueTask<DeletionReceipt?> FindAsync(string project, LogId receipt, CancellationToken cancellation) =>
        (await manifests.ReadAsync(project, cancellation)).Find(receipt) is { } pending ? DeletionReceipt.Of(pending) : await receipts.FindAsync(project, receipt, cancellation);

    /// <summary>The receipt of a deleted episode while it is pending; EpisodeDeleted where it is final.</summary>
    /// <exception cref="OwnerUnavailableException">As for <see cref="DeleteAsync"/>.</exception>
    public async ValueTask<DeletionAnswer> FindPendingAsync(EpisodeKey key, CancellationToken cancellation) =>
        (await manifests.ReadAsync(key.Project, cancellation)).Deletions.Find(d => d.Episodes.Contains(key.Id)) is { } pending
            ? await RepeatAsync(key.Project, pending, cancellation)
            : new DeletionAnswer(null, [(key.Id, RollbookCode.EpisodeDeleted)]);

    /// <summary>About how many bytes so many steps are in the archive's files; 0 where there are no files yet.</summary>
    public async ValueTask<long> EstimateBytesAsync(string project, long steps, CancellationToken cancellation) =>
        EstimateBytes(await manifests.KnownAsync(project, cancellation), steps);

    private static long EstimateBytes(Manifest manifest, long steps)
    {
        var packed = manifest.Packs.Sum(static p => p.Steps?.Rows ?? 0);
        return packed == 0 ? 0 : (long)((double)manifest.Packs.SelectMany(static p => p.Files).Sum(static f => f.Bytes) / packed * steps);
    }

    // On the caller's scheduler, and each group to its end: nothing goes on behind a failure.
    private static async ValueTask<List<(T Item, RollbookCode Code)>> EachAsync<T>(
        IReadOnlyCollection<T> items, Func<T, ValueTask<RollbookCode>> call, CancellationToken cancellation)
    {
        var codes = new List<(T, RollbookCode)>(items.Count);
        foreach (var some in items.Chunk(AtOnce))
        {
            cancellation.ThrowIfCancellationRequested();
            codes.AddRange(await Task.WhenAll(some.Select(async item => (item, await call(item)))));
        }

        return codes;
    }

    private static RollbookCode Check(EpisodeTail tail) => !tail.Ended ? RollbookCode.EpisodeRunning
        : tail.Record.Labels.Contains(DoomedEpisode.PinnedLabel) ? RollbookCode.EpisodePinned
        : RollbookCode.Ok;

    private async ValueTask<DeletionAnswer> RepeatAsync(string project, Deletion known, CancellationToken cancellation)
    {
        var spared = known.Moved ? [] : await MoveAsync(project, known, cancellation);
        var left = known with { Episodes = known.Episodes.Except(spared.Select(static s => s.Id)) };
        return new DeletionAnswer(left.Episodes.IsEmpty ? null : DeletionReceipt.Of(left), spared);
    }

    private async ValueTask<RollbookCode> RefusalAsync(string project, DoomedEpisode episode, IReadOnlySet<EpisodeId> listed, bool abortRunning)
    {
        if (listed.Contains(episode.Id)) return RollbookCode.EpisodeDeleted;
        if (episode.Pinned) return RollbookCode.EpisodePinned;
        if (!episode.Running) return RollbookCode.Ok;
        return abortRunning ? await doomed.AbortAsync(new EpisodeKey(project, episode.Id)) : RollbookCode.EpisodeRunning;
    }

    /// <summary>Moves the headers, and gives the episodes that stay after all.</summary>
    private async ValueTask<List<(EpisodeId Id, RollbookCode Code)>> MoveAsync(string project, Deletion deletion, CancellationToken cancellation)
    {
        await turn.WaitAsync(cancellation);
        try
        {
            var codes = await EachAsync(deletion.Episodes, id => MoveAsync(new EpisodeKey(project, id), cancellation), cancellation);
            var spared = codes.Where(static c => c.Code != RollbookCode.Ok).Select(static c => (Id: c.Item, c.Code)).ToList();
            if (spared.Count > 0)
            {
                var ids = spared.Select(static s => s.Id).ToList();
                await manifests.ChangeAsync(project, m => m.Spare(deletion.Receipt, ids), cancellation);
            }

            await manifests.ChangeAsync(project, m => m.Moved(deletion.Receipt), cancellation);
            return spared;
        }
        finally
        {
            turn.Release();
        }
    }

    private async ValueTask<RollbookCode> MoveAsync(EpisodeKey key, CancellationToken cancellation)
    {
        LogId owner = default;
        for (var attempt = 0; attempt < Tries; attempt++)
        {
            if (await core.Headers.ReadAsync(key, cancellation) is not { } header) return RollbookCode.EpisodeNotFound;
            var (code, tail) = await sealer.DeleteAsync(header, Check, cancellation);
            owner = header.Owner;
            // It was claimed or sealed meanwhile, or its owner did not answer.
            if (code == RollbookCode.Unavailable) continue;
            if (code == RollbookCode.Ok && tail is not null) await doomed.ForgetAsync(key, tail.Record.Worker);
            return code;
        }

        throw new OwnerUnavailableException(owner);
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "Deleted {Episodes} episodes of {Project}; the receipt is {Receipt}.")]
    private partial void LogDeleted(string project, int episodes, LogId receipt);
}
