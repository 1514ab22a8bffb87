namespace Rollbook.StepLog;

/// <summary>Freed segment files that wait to be written again: their blocks are allocated, and old bytes never pass for new chunks.</summary>
internal sealed class SegmentPool(IDiskFiles files, LocalPaths paths, int capacity)
{
    private readonly Lock _lock = new();
    private SortedDictionary<int, long>? _spares;

    /// <summary>Moves a spare of at least this length to a new name, durably. False where there is none.</summary>
    public bool TryTake(long bytes, string path)
    {
        lock (_lock)
        {
            foreach (var (number, length) in Load())
            {
                if (length < bytes) continue;
                files.Move(paths.Spare(number), path);
                files.FlushDirectory(Path.GetDirectoryName(path)!);
                files.FlushDirectory(paths.Spares);
                Load().Remove(number);
                return true;
            }

            return false;
        }
    }

    /// <summary>Takes over a file that nobody reads or writes, or deletes it when there are enough. The caller flushes the file's directory.</summary>
    public void Give(string path, long length)
    {
        lock (_lock)
        {
            var spares = Load();
            if (spares.Count >= capacity)
            {
                files.Delete(path);
                return;
            }

            var number = spares.Count == 0 ? 0 : spares.Keys.Max() + 1;
            files.Move(path, paths.Spare(number));
            files.FlushDirectory(paths.Spares);
            spares.Add(number, length);
        }
    }

    private SortedDictionary<int, long> Load()
    {
        if (_spares is not null) return _spares;
        WholeFile.CreateDirectory(files, paths.Data, Path.GetFileName(paths.Spares));
        var spares = new SortedDictionary<int, long>();
        foreach (var name in files.List(paths.Spares))
        {
            if (!LocalPaths.TryParseNumber(name, out var number)) continue;
            using var file = files.Open(paths.Spare(number), FileMode.Open, FileAccess.Read);
            if (file is not null) spares.Add(number, file.Length);
        }

        return _spares = spares;
    }
}
