using System.Buffers;
using Rollbook.Archive;
using Rollbook.StepLog;

namespace Rollbook.Episodes;

/// <summary>
/// Reads an episode's steps as one gap-free sequence. A frame counts only when its (term, log) stands in the header's extents; extents are taken in term
/// order, and in them the next expected ordinal. Where a log's chunks are freed its packs give the same steps.
/// </summary>
internal sealed class EpisodeReader(LogLibrary library, FrameSource frames)
{
    private const int PageBytes = 1 << 20;
    private const int EntriesAtOnce = 1024;

    // A page of 1 MiB holds about as many.
    private const int PackedAtOnce = 1024;

    /// <summary>Steps from an ordinal up to an end that is known beforehand, about 1 MiB at most, at least one where there is one.</summary>
    /// <param name="header">Names the extents.</param>
    /// <param name="from">The first ordinal.</param>
    /// <param name="end">The ordinal after the last durable step.</param>
    /// <param name="maxSteps">At least 1.</param>
    /// <param name="cancellation">Ends the reading.</param>
    /// <returns>The page; Damaged where a step below the end can't be read, with what lies before it.</returns>
    public async ValueTask<StepPage> ReadAsync(EpisodeHeader header, long from, long end, int maxSteps, CancellationToken cancellation)
    {
        var page = new PageBuilder(from, Math.Min(end, from + maxSteps));
        foreach (var extent in header.Extents)
        {
            var limit = EntriesAtOnce;
            while (!page.Full)
            {
                var (entries, _) = await library.FramesAsync(extent.Log, header.Key, page.Next, limit, cancellation);
                var before = page.Next;
                foreach (var entry in entries)
                {
                    if (entry.Kind != FrameKind.Steps || entry.Term != extent.Term || entry.Ordinal > page.Next) continue;
                    // What the pack of an earlier entry held stands in the page already.
                    if (entry.Ordinal + entry.Count <= page.Next) continue;
                    if (!await page.TryAddAsync(frames, extent.Log, header.Key, entry, cancellation)) return page.Build(RollbookCode.Damaged);
                    if (page.Full) break;
                }

                if (page.Next > before) continue;
                // No step among so many frames: there may be as many scores and labels before it.
                if (entries.Count < limit) break;
                limit *= 4;
            }
        }

        return page.Build(page.Full ? RollbookCode.Ok : RollbookCode.Damaged);
    }

    private sealed class PageBuilder(long first, long end)
    {
        private readonly ArrayBufferWriter<byte> bytes = new(4096);
        private int count;
        private string? damage;

        public long Next => first + count;

        public bool Full => Next >= end || bytes.WrittenCount >= PageBytes;

        /// <summary>Adds the steps of a frame, from wherever it lies; false where they are damaged.</summary>
        public async ValueTask<bool> TryAddAsync(FrameSource frames, LogId log, EpisodeKey key, IndexEntry entry, CancellationToken cancellation)
        {
            try
            {
                if (await frames.TryReadAsync(log, key, entry, cancellation) is not { } frame) return await AddPackedAsync(frames, log, key, entry, cancellation) > 0;
                Add(entry, FrameReader.Prove(log, key, entry, frame).Payload);
                return true;
            }
            catch (Exception failure) when (EndedEpisode.DamageOf(failure) is { } what)
            {
                damage = what;
                return false;
            }
        }

        public StepPage Build(RollbookCode code) => new(code, first, new EncodedSteps(count, bytes.WrittenMemory), false) { Damage = damage };

        private void Add(in IndexEntry entry, ReadOnlySpan<byte> entries)
        {
            for (var ordinal = entry.Ordinal; ordinal < entry.Ordinal + entry.Count && !Full; ordinal++)
            {
                var step = StepEntry.Read(entries);
                entries = entries[step.Length..];
                if (ordinal < Next) continue;
                bytes.Write(step.Bytes);
                count++;
            }
        }

        // All that the pack holds which the entry's frame went into, not only that frame.
        private async ValueTask<int> AddPackedAsync(FrameSource frames, LogId log, EpisodeKey key, IndexEntry entry, CancellationToken cancellation)
        {
            var added = await frames.ReadPackedStepsAsync(log, key, entry, Next, (int)Math.Min(end - Next, PackedAtOnce), PageBytes - bytes.WrittenCount, bytes, cancellation);
            count += added;
            return added;
        }
    }
}
