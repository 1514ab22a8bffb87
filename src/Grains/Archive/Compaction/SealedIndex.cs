using Rollbook.StepLog;

namespace Rollbook.Archive;

/// <summary>
/// Makes the index of a sealed pack out of its frames: every episode is a chunk, whose steps come first, then its scores, and last the frame with the whole record. So
/// the index is made when the pack is certain to count, and a compaction that comes to nothing leaves none.
/// </summary>
internal static class SealedIndex
{
    // An entry of the index leads to so many steps: the rest is found in the pack itself.
    private const int StepsPerEntry = 4096;

    /// <summary>The place within its chunk of an episode's first frame that is no steps.</summary>
    public static int PlaceBehindSteps(long steps) => (int)((steps + StepsPerEntry - 1) / StepsPerEntry);

    /// <summary>Reads the frames.</summary>
    /// <exception cref="PackDamagedException">They are not what was written.</exception>
    public static async ValueTask<SegmentIndex> ReadAsync(Pack pack, PackReaders readers, CancellationToken cancellation)
    {
        if (pack.Frames is not { } file) throw new PackDamagedException(pack.Log.ToString(), null, "a sealed pack has no frames. Restore the manifest from a backup.");
        var entries = new List<IndexEntry>();
        await using var lease = await readers.FramesAsync(file.Name, pack.Log, cancellation);
        await foreach (var (chunk, place, bytes) in lease.Reader.AllAsync(lease.Content, cancellation)) Add(entries, file.Name, chunk, place, bytes.Span);
        entries.Sort();
        return new SegmentIndex(0, 0, pack.To, null, [.. entries]);
    }

    private static void Add(List<IndexEntry> entries, string file, long chunk, int place, ReadOnlySpan<byte> bytes)
    {
        if (!FrameCodec.TryRead(bytes, out var frame)) throw new PackDamagedException(file, null, $"the frame of chunk {chunk} in place {place} does not prove itself");
        var (key, term, total) = (frame.Key, frame.Term, frame.Ordinal);
        // The ending is there once, and knows how many steps stand before it.
        if (frame.Kind == FrameKind.End)
            for (var i = 0; i < PlaceBehindSteps(total); i++)
                entries.Add(Entry(FrameKind.Steps, (long)i * StepsPerEntry, (int)Math.Min(StepsPerEntry, total - ((long)i * StepsPerEntry)), i, 0));
        entries.Add(Entry(frame.Kind, total, 0, place, bytes.Length));

        IndexEntry Entry(FrameKind kind, long ordinal, int count, int at, int length) =>
            new(key.Project, key.Id, term, ordinal, count, kind, new ChunkAddress(chunk, 0, chunk * ChunkCodec.Alignment), at, length);
    }
}
