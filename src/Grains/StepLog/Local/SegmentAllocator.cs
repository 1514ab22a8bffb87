namespace Rollbook.StepLog;

/// <summary>
/// Makes segment files: whole, zero-filled by real writes and durable before anyone writes a chunk into them, so that an append changes
/// no metadata and cannot run out of space.
/// </summary>
internal sealed class SegmentAllocator(IDiskFiles files, LocalPaths paths, SegmentPool pool, DiskReserve reserve)
{
    private static readonly byte[] Zeros = new byte[4 << 20];
    private readonly Lock _lock = new();

    /// <summary>Sees to it that the segment's file exists with at least this length.</summary>
    /// <exception cref="StorageFullException">There is no room; nothing has changed.</exception>
    public void Prepare(LogId log, int segment, long bytes)
    {
        lock (_lock)
        {
            var path = paths.Segment(log, segment);
            using (var file = files.Open(path, FileMode.Open, FileAccess.ReadWrite))
            {
                if (file is not null)
                {
                    Extend(file, bytes);
                    return;
                }
            }

            if (!pool.TryTake(bytes, path)) Create(path, bytes);
        }
    }

    /// <summary>Lets a segment that was written whole leave the machine's memory; readers get it from the disk.</summary>
    public void Uncache(LogId log, int segment)
    {
        using var file = files.Open(paths.Segment(log, segment), FileMode.Open, FileAccess.Read);
        file?.Uncache();
    }

    private void Create(string path, long bytes)
    {
        reserve.Check(bytes);
        var temporary = path + WholeFile.TemporarySuffix;
        try
        {
            using (var file = files.Open(temporary, FileMode.Create, FileAccess.ReadWrite)!) Fill(file, 0, bytes);
            files.Move(temporary, path);
        }
        catch (Exception error) when (DiskFull.Is(error))
        {
            files.Delete(temporary);
            throw Full(path, bytes, error);
        }
        catch (IOException)
        {
            files.Delete(temporary);
            throw;
        }

        files.FlushDirectory(Path.GetDirectoryName(path)!);
    }

    private void Extend(IDiskFile file, long bytes)
    {
        var length = file.Length;
        if (length >= bytes) return;
        reserve.Check(bytes - length);
        try
        {
            Fill(file, length, bytes);
        }
        catch (Exception error) when (DiskFull.Is(error))
        {
            // The zeros that found room stay: they lie behind all chunks, and the next try goes on from there.
            throw Full(paths.Wal, bytes - length, error);
        }
    }

    private static void Fill(IDiskFile file, long from, long to)
    {
        for (var at = from; at < to; at += Zeros.Length)
        {
            file.Write(Zeros.AsSpan(0, (int)Math.Min(Zeros.Length, to - at)), at);
            // Slice by slice: chunks that are flushed meanwhile would wait behind a whole segment of zeros on their way to the disk.
            file.Flush();
        }
    }

    private static StorageFullException Full(string path, long bytes, Exception error) =>
        new($"There is no room for {bytes >> 10} KiB at '{path}': {error.Message}. Nothing was recorded; free some space and send it again.", error);
}
