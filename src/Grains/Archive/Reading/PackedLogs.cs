using System.Buffers;
using Rollbook.Episodes;
using Rollbook.StepLog;

namespace Rollbook.Archive;

/// <summary>Logs as their packs have them: finds the pack that a chunk went into, and reads frames and steps out of it.</summary>
public sealed class PackedLogs : IAsyncDisposable
{
    private readonly ManifestStore manifests;
    private readonly PackReaders readers;

    /// <summary>Reads the packs of a store.</summary>
    /// <param name="manifests">Say which count.</param>
    /// <param name="store">The store.</param>
    /// <param name="scheduler">Where files are read and unpacked, some milliseconds each; null = on threads of the pool.</param>
    public PackedLogs(ManifestStore manifests, IArchiveStore store, TaskScheduler? scheduler = null) =>
        (this.manifests, readers) = (manifests, new PackReaders(store, scheduler ?? TaskScheduler.Default));

    /// <summary>The bytes of a frame that is no steps, whole; the caller proves that it is the one that is meant.</summary>
    /// <exception cref="PackReplacedException">No pack that counts has the frame any more.</exception>
    /// <exception cref="PackDamagedException">Its file is damaged.</exception>
    internal ValueTask<byte[]> FrameAsync(LogId log, EpisodeKey key, IndexEntry entry, CancellationToken cancellation) => InPackAsync(
        log, key.Project, entry.Chunk.Number,
        async pack =>
        {
            if (pack.Frames is null) throw new PackReplacedException(log, entry.Chunk.Number);
            await using var lease = await readers.FramesAsync(pack.Frames.Name, log, cancellation);
            var frame = await lease.Reader.ReadAsync(lease.Content, entry.Chunk.Number, entry.Offset, cancellation)
                ?? throw new PackReplacedException(log, entry.Chunk.Number);
            // Here, where the file is known: the caller would name a place in the log.
            if (!FrameCodec.TryProve(frame, out _))
                throw new PackDamagedException(pack.Frames.Name, null, $"the frame of chunk {entry.Chunk.Number} at byte {entry.Offset} does not prove itself");
            return frame;
        },
        cancellation);

    /// <summary>The chunk after the last one of the pack that a chunk went into.</summary>
    /// <exception cref="PackReplacedException">No pack that counts has the chunk.</exception>
    internal ValueTask<long> EndOfPackAsync(LogId log, string project, long chunk, CancellationToken cancellation) =>
        InPackAsync(log, project, chunk, static pack => ValueTask.FromResult(pack.To), cancellation);

    /// <summary>Steps of an episode from an ordinal on, as far as the pack has them that a chunk went into.</summary>
    /// <param name="log">The log.</param>
    /// <param name="key">The episode.</param>
    /// <param name="chunk">The chunk that held the first one.</param>
    /// <param name="from">The first ordinal.</param>
    /// <param name="most">Steps at most.</param>
    /// <param name="enoughBytes">Ends soon after so many bytes.</param>
    /// <param name="into">Gets whole step entries.</param>
    /// <param name="cancellation">Ends the reading.</param>
    /// <returns>How many were written, at least one.</returns>
    /// <exception cref="PackReplacedException">No pack that counts has them any more.</exception>
    /// <exception cref="PackDamagedException">The file is damaged.</exception>
    internal ValueTask<int> StepsAsync(
        LogId log, EpisodeKey key, long chunk, long from, int most, long enoughBytes, IBufferWriter<byte> into, CancellationToken cancellation) => InPackAsync(
        log, key.Project, chunk,
        async pack =>
        {
            if (pack.Steps is null) throw new PackReplacedException(log, chunk);
            await using var lease = await readers.StepsAsync(pack.Steps.Name, cancellation);
            var read = await lease.Reader.ReadAsync(key.Id, from, most, into, null, cancellation, enoughBytes);
            // The pack is what others left of the chunk: this episode was sealed since its header was read.
            return read > 0 ? read : throw new PackReplacedException(log, chunk);
        },
        cancellation);

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => readers.DisposeAsync();

    // The manifest that is known may be an old one: a pack that it lacks was published since, and a file that is gone was replaced since.
    private async ValueTask<T> InPackAsync<T>(LogId log, string project, long chunk, Func<Pack, ValueTask<T>> read, CancellationToken cancellation)
    {
        var known = (await manifests.KnownAsync(project, cancellation)).Find(log, chunk);
        try
        {
            if (known is not null) return await read(known);
        }
        catch (FileNotFoundException)
        {
            // Read below from what replaced it.
        }

        var pack = (await manifests.ReadAsync(project, cancellation)).Find(log, chunk) ?? throw new PackReplacedException(log, chunk);
        try
        {
            return await read(pack);
        }
        catch (FileNotFoundException gone)
        {
            throw new PackDamagedException(gone.FileName!, null, "the manifest names it, and it is not in the archive. Restore it from a backup.");
        }
    }
}
