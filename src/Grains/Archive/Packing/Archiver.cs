using Rollbook.Episodes;
using Rollbook.Recovery;
using Rollbook.StepLog;

namespace Rollbook.Archive;

/// <summary>
/// Makes packs of what a log holds: read a stretch, write its files under names that follow from the stretch alone, then publish them in one compare-and-swap of the
/// project's manifest. May be ended at any point and begun again, by anybody: what was written and not published is written again, or found to be there.
/// </summary>
public sealed class Archiver
{
    private readonly PackFiles files;
    private readonly ManifestStore manifests;
    private readonly IHeaderStore headers;
    private readonly LogLibrary library;
    private readonly FrameSource frames;
    private readonly IStepLogStorage storage;
    private readonly ArchiveOptions options;
    private readonly TimeProvider time;

    // Of the last stretch. The own log and a dead one may be packed at the same time: one of the two takes memory of its own.
    private StretchMemory? spare;

    /// <summary>Puts the parts together.</summary>
    internal Archiver(
        IStepLogStorage storage, IArchiveStore store, ManifestStore manifests, IHeaderStore headers, LogLibrary library, FrameSource frames, ArchiveOptions options,
        TimeProvider time) =>
        (this.storage, files, this.manifests, this.headers, this.library, this.frames, this.options, this.time) =
            (storage, new PackFiles(store), manifests, headers, library, frames, options, time);

    /// <summary>Packs one stretch of a log for every project that has records in it.</summary>
    /// <param name="log">The log.</param>
    /// <param name="from">A chunk below which every project's records are packed.</param>
    /// <param name="end">The fence, or the durable mark that the live owner gave.</param>
    /// <param name="cancellation">Ends it at the next write.</param>
    /// <exception cref="InvalidDataException">The log gave nothing, although there should be something.</exception>
    /// <returns>The chunk up to which the log is packed now, at least one further than <paramref name="from"/> where there was one; nothing was lost where it throws.</returns>
    public async ValueTask<PackedStretch> PackAsync(LogId log, long from, long end, CancellationToken cancellation)
    {
        var memory = Interlocked.Exchange(ref spare, null) ?? new StretchMemory();
        var reader = new StretchReader(
            storage,
            memory,
            async project => (await manifests.ReadAsync(project, cancellation)).PackedToOf(log),
            (key, term, before) => EndedBeforeAsync(log, key, term, before, cancellation));
        var stretch = await reader.ReadAsync(log, from, end, options.PackBytes, cancellation);
        // Else whoever packs up to an end would come here again at once, for ever.
        if (stretch.To == from && from < end) throw new InvalidDataException($"The log {log} gave no chunk from {from} on, although it goes to {end}.");
        var to = stretch.To;
        long steps = 0;
        long bytes = 0;
        foreach (var project in stretch.Projects.Values)
        {
            if (project.IsEmpty || project.PackedTo >= stretch.To) continue;
            project.Sort();
            var pack = await WriteAsync(project, stretch.To, cancellation);
            if (!await manifests.PublishAsync(project.Name, pack, cancellation))
            {
                // Another archiver was quicker: what its pack holds is packed, and this one's files never count. It may have gone less far.
                to = Math.Min(to, (await manifests.ReadAsync(project.Name, cancellation)).PackedToOf(log));
                continue;
            }

            steps += pack.Steps?.Rows ?? 0;
            bytes += pack.Files.Sum(static f => f.Bytes);
        }

        // Not where something failed: whoever was writing then may still be at it.
        memory.Free(stretch);
        Keep(memory);
        return new PackedStretch(to, steps, bytes, [.. stretch.Projects.Keys]);
    }

    // The larger one: a dead log's last stretch may be short.
    private void Keep(StretchMemory memory)
    {
        if (Interlocked.Exchange(ref spare, null) is { } other && other.Held > memory.Held) memory = other;
        Volatile.Write(ref spare, memory);
    }

    private async ValueTask<Pack> WriteAsync(ProjectStretch project, long to, CancellationToken cancellation)
    {
        var (log, from) = (project.Log, project.PackedTo);
        var rows = await project.Ended.RowsAsync((key, term) => WasWonAsync(log, key, term, cancellation));
        return new Pack
        {
            Log = log,
            From = from,
            To = to,
            At = time.GetUtcNow().ToUnixTimeMilliseconds(),
            Steps = project.Steps.Count == 0 ? null : await files.WriteAsync(
                Name(ArchiveKind.Steps), () => project.Steps.Count, (stream, _) => Task.FromResult(StepPackWriter.Write(stream, project.Steps)), cancellation),
            Episodes = rows.Count == 0 ? null : await files.WriteAsync(
                Name(ArchiveKind.Episodes), () => rows.Count, (stream, _) => Task.FromResult(EpisodePackWriter.Write(stream, project.Name, rows)), cancellation,
                // Whether a claim was won may have been open when an earlier attempt wrote it.
                stored => CountRows(stored, Name(ArchiveKind.Episodes), project.Name)),
            Scores = project.Scores.Count == 0 ? null : await files.WriteAsync(
                Name(ArchiveKind.Scores), () => project.Scores.Count, (stream, _) => Task.FromResult(ScorePackWriter.Write(stream, project.Scores)), cancellation),
            Frames = project.Frames.Count == 0 ? null : await files.WriteAsync(Name(ArchiveKind.Frames), () => project.Frames.Count, project.Frames.WriteAsync, cancellation),
        };

        string Name(ArchiveKind kind) => ArchivePaths.Pack(project.Name, log, from, to, kind);
    }

    private static long CountRows(Stream stored, string name, string project)
    {
        using var reader = new EpisodePackReader(stored, name, project);
        return reader.Rows;
    }

    private async ValueTask<bool> WasWonAsync(LogId log, EpisodeKey key, long term, CancellationToken cancellation) =>
        (await headers.ReadAsync(key, cancellation))?.Extents.Contains(new Extent(term, log)) ?? false;

    private async ValueTask<EpisodeTail?> EndedBeforeAsync(LogId log, EpisodeKey key, long term, long before, CancellationToken cancellation)
    {
        var (entries, _) = await library.FramesAsync(log, key, 0, int.MaxValue, cancellation);
        return await FrameFold.EndedTailAsync(frames, log, key, term, entries.FindAll(e => e.Chunk.Number < before), cancellation);
    }
}
