using System.Buffers;
using System.Collections.Concurrent;
using Rollbook.Archive;
using Rollbook.StepLog;

namespace Rollbook.Episodes;

/// <summary>
/// Reads frames where they lie now: in the log, or, once its chunks are freed, in the packs that were published before that. A log is freed from below, so one
/// missing chunk tells of all before it.
/// </summary>
public sealed class FrameSource(IStepLogStorage storage, PackedLogs packs)
{
    private readonly ConcurrentDictionary<LogId, long> freedTo = new();
    // A project's packs may reach further than what is freed, and than another project's.
    private readonly ConcurrentDictionary<(LogId Log, string Project), long> packedTo = new();

    /// <summary>Tells that a log is freed below a chunk, which spares the next readers a look.</summary>
    public void Freed(LogId log, long to) => freedTo.AddOrUpdate(log, to, (_, known) => Math.Max(known, to));

    /// <summary>The frame's bytes as they lie in the log; null where its chunk is freed, or where a pack of its project is known to have it.</summary>
    internal async ValueTask<byte[]?> TryReadAsync(LogId log, EpisodeKey key, IndexEntry entry, CancellationToken cancellation)
    {
        if (freedTo.TryGetValue(log, out var to) && entry.Chunk.Number < to) return null;
        if (packedTo.TryGetValue((log, key.Project), out to) && entry.Chunk.Number < to) return null;
        try
        {
            return await FrameReader.ReadAsync(storage, log, entry, cancellation);
        }
        catch (ChunkTrimmedException)
        {
            var end = await packs.EndOfPackAsync(log, key.Project, entry.Chunk.Number, cancellation);
            packedTo.AddOrUpdate((log, key.Project), end, (_, known) => Math.Max(known, end));
            return null;
        }
    }

    /// <summary>The bytes of a frame, wherever it lies. Steps of a pack are made a frame again, equal to the one that was written.</summary>
    internal async ValueTask<byte[]> ReadAsync(LogId log, EpisodeKey key, IndexEntry entry, CancellationToken cancellation)
    {
        if (await TryReadAsync(log, key, entry, cancellation) is { } bytes) return bytes;
        if (entry.Kind != FrameKind.Steps) return await packs.FrameAsync(log, key, entry, cancellation);
        var steps = new ArrayBufferWriter<byte>(entry.Length);
        if (await packs.StepsAsync(log, key, entry.Chunk.Number, entry.Ordinal, entry.Count, long.MaxValue, steps, cancellation) != entry.Count)
            throw new FrameDamagedException(key, entry);
        var frame = new byte[FrameCodec.LengthOf(key, steps.WrittenCount)];
        FrameCodec.Write(frame, entry.Kind, key, entry.Term, entry.Ordinal, entry.Count, steps.WrittenSpan);
        return frame;
    }

    /// <summary>Steps from an ordinal on out of the pack that a freed frame went into.</summary>
    /// <returns>How many were written.</returns>
    /// <exception cref="PackDamagedException">The pack is damaged.</exception>
    internal ValueTask<int> ReadPackedStepsAsync(
        LogId log, EpisodeKey key, IndexEntry entry, long from, int most, long enoughBytes, IBufferWriter<byte> into, CancellationToken cancellation) =>
        packs.StepsAsync(log, key, entry.Chunk.Number, from, most, enoughBytes, into, cancellation);
}
