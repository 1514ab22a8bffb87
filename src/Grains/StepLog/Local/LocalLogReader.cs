using System.Globalization;
using System.Runtime.CompilerServices;

namespace Rollbook.StepLog;

/// <summary>Reads one log of the local device; every chunk is proved anew, and so is the chain that ties each to the one before.</summary>
internal sealed class LocalLogReader(LocalPaths paths, LogId log, SegmentReaders readers, SegmentLocator locator, TaskFactory disk)
{
    public async IAsyncEnumerable<StoredChunk> ReadAsync(long from, long end, [EnumeratorCancellation] CancellationToken cancellation)
    {
        if (from >= end) yield break;
        var segment = await disk.StartNew(() => locator.Find(from), cancellation).ConfigureAwait(false);
        long? expected = null;
        uint? previous = null;
        while (true)
        {
            // Found a moment ago and gone now: it was freed meanwhile.
            using var lease = readers.Acquire(segment) ?? throw new ChunkTrimmedException(log, expected ?? from);
            var scanner = new ChunkScanner(lease.File, log, segment) { Number = expected, PreviousCrc = previous };
            while (true)
            {
                cancellation.ThrowIfCancellationRequested();
                StoredChunk chunk = default;
                var found = scanner.IsBuffered
                    ? scanner.TryNext(out chunk)
                    : await disk.StartNew(() => scanner.TryNext(out chunk), cancellation).ConfigureAwait(false);
                if (!found) break;
                yield return chunk;
                if (scanner.NextNumber >= end) yield break;
            }

            expected = scanner.NextNumber;
            previous = scanner.NextPreviousCrc;
            // The log may have begun a new segment before this one was full. If not, this is where the damage is.
            if (expected is null || locator.First(segment + 1) != expected)
                throw new LogCorruptException(log, expected ?? from, Place(segment, scanner.Offset));
            segment++;
        }
    }

    public void ReadRange(ChunkAddress at, int offsetInChunk, Span<byte> into)
    {
        using var lease = readers.Acquire(at.Segment) ?? throw new ChunkTrimmedException(log, at.Number);
        if (lease.File.Read(into, at.Offset + offsetInChunk) < into.Length)
            throw new LogCorruptException(log, at.Number, Place(at.Segment, at.Offset));
    }

    private string Place(int segment, long offset) =>
        string.Create(CultureInfo.InvariantCulture, $"{paths.Segment(log, segment)}:{offset}");
}
