using Rollbook.StepLog;

namespace Rollbook.Cli;

/// <summary>What the disk gives without a recorder: one thread that writes a chunk over an existing file and flushes it, again and again.</summary>
/// <param name="ChunkBytes">Bytes a write.</param>
/// <param name="CommitsPerSecond">Writes that were flushed, a second.</param>
/// <param name="Median">Of one write and flush.</param>
internal sealed record RawCommit(int ChunkBytes, double CommitsPerSecond, TimeSpan Median)
{
    private const int FileBytes = 64 << 20;

    public double BytesPerSecond => ChunkBytes * CommitsPerSecond;

    /// <summary>Measures in a directory, and leaves nothing there.</summary>
    public static RawCommit Measure(string directory, int chunkBytes, TimeSpan length, TimeProvider time)
    {
        var path = Path.Combine(directory, $"rollbook-bench-{Guid.NewGuid():N}.raw");
        try
        {
            using var file = File.OpenHandle(path, FileMode.CreateNew, FileAccess.ReadWrite);
            var chunk = new byte[chunkBytes];
            new Random(1).NextBytes(chunk);
            var places = FileBytes / chunkBytes;
            // As the log's segments: written once before, so that the file system's journal has nothing to do.
            for (var i = 0; i < places; i++)
                RandomAccess.Write(file, chunk, (long)i * chunkBytes);
            NativeDisk.Flush(file);

            var commits = new LatencyHistogram();
            var begun = time.GetTimestamp();
            var count = 0L;
            for (var last = begun; time.GetElapsedTime(begun, last) < length; count++)
            {
                RandomAccess.Write(file, chunk, count % places * chunkBytes);
                NativeDisk.Flush(file);
                var now = time.GetTimestamp();
                commits.Record(time.GetElapsedTime(last, now));
                last = now;
            }

            return new RawCommit(chunkBytes, count / time.GetElapsedTime(begun).TotalSeconds, commits.Quantile(0.5));
        }
        finally
        {
            File.Delete(path);
        }
    }
}
