namespace Rollbook.StepLog;

/// <summary>One log on the local disk. Appends, fence and trim take turns; reads pass them by.</summary>
internal sealed class LocalLog : IDisposable
{
    private readonly IDiskFiles _files;
    private readonly LocalPaths _paths;
    private readonly LogId _log;
    private readonly SegmentPool _pool;
    private readonly DiskThreads _threads;
    private readonly SegmentReaders _readers;
    private readonly SegmentLocator _locator;
    private readonly SemaphoreSlim _turn = new(1, 1);
    private LocalLogWriter? _writer;
    private LogEnd? _end;

    public LocalLog(IDiskFiles files, LocalPaths paths, LogId log, SegmentAllocator allocator, SegmentPool pool, long ahead, DiskThreads threads)
    {
        (_files, _paths, _log, _pool, _threads) = (files, paths, log, pool, threads);
        _readers = new SegmentReaders(files, paths, log);
        _locator = new SegmentLocator(files, paths, log, _readers);
        Reader = new LocalLogReader(paths, log, _readers, _locator, threads.Others);
        Reservations = new SegmentReservations(log, allocator, ahead, threads.Preparation, Begin);
    }

    public LocalLogReader Reader { get; }

    public SegmentReservations Reservations { get; }

    public Task AppendAsync(ChunkAddress at, ReadOnlyMemory<byte> chunk, CancellationToken cancellation) =>
        TakeTurnAsync(
            _threads.Appends,
            () =>
            {
                if (Ended() is not null) throw new LogFencedException(_log);
                if (_writer is null) throw new InvalidOperationException($"Nothing is reserved for the log {_log}.");
                _writer.Append(at, chunk.Span);
                return true;
            },
            cancellation);

    public async Task<LogEnd> FenceAsync(long trimmedTo, CancellationToken cancellation)
    {
        var (end, isNew) = await TakeTurnAsync(
            _threads.Others, () => Ended() is { } known ? (known, false) : (Fence(trimmedTo), true), cancellation).ConfigureAwait(false);
        if (!isNew) return end;
        // No segment is prepared from here on; the one that was prepared ahead, and never used, is free for the next log.
        await Reservations.SettleAsync().WaitAsync(cancellation).ConfigureAwait(false);
        await TakeTurnAsync(_threads.Others, () => FreeUnused(end.Fence), cancellation).ConfigureAwait(false);
        return end;
    }

    public Task TrimAsync(long to, CancellationToken cancellation) => TakeTurnAsync(_threads.Others, () => Trim(to), cancellation);

    public void Dispose()
    {
        // A segment that is being prepared would otherwise appear after the directory was given back.
        Reservations.SettleAsync().GetAwaiter().GetResult();
        _writer?.Dispose();
        _readers.Dispose();
    }

    /// <summary>Begins a log of this process, before its first segment is made. False where the log takes no more.</summary>
    private bool Begin()
    {
        _turn.Wait();
        try
        {
            if (Ended() is not null) return false;
            if (_writer is not null) return true;
            if (_paths.Segments(_files, _log).Count > 0)
                throw new InvalidOperationException($"The log {_log} was written by another process: fence it, and begin a log of your own.");
            CreateDirectory();
            _writer = new LocalLogWriter(_files, _paths, _log, _locator);
            return true;
        }
        finally
        {
            _turn.Release();
        }
    }

    private void CreateDirectory()
    {
        WholeFile.CreateDirectory(_files, _paths.Data, Path.GetFileName(_paths.Wal));
        WholeFile.CreateDirectory(_files, _paths.Wal, _log.ToString());
    }

    private LogEnd? Ended() => _end ??= _writer is null ? FenceFile.Read(_files, _paths, _log) : null;

    private LogEnd Fence(long trimmedTo)
    {
        CreateDirectory();
        var end = _writer is { IsPoisoned: false }
            ? new LogEnd(Math.Max(_writer.Next, trimmedTo), 0)
            : new LogEndFinder(_files, _paths, _log).Find(trimmedTo);
        try
        {
            FenceFile.Write(_files, _paths, _log, end);
        }
        catch (Exception error)
        {
            // Whether the fence is on disk is unknown, so nothing may be acknowledged behind it.
            _writer?.Poison(error);
            throw;
        }

        _end = end;
        return end;
    }

    /// <summary>Frees the segments behind the end that hold nothing of this log.</summary>
    private bool FreeUnused(long fence)
    {
        var unused = _paths.Segments(_files, _log)
            .Where(segment => segment > (_writer?.Segment ?? -1) && _locator.IsBlank(segment, fence))
            .ToList();
        return Free(unused);
    }

    private bool Trim(long to)
    {
        var segments = _paths.Segments(_files, _log);
        var end = Ended()?.Fence;
        var free = new List<int>();
        for (var i = 0; i < segments.Count; i++)
        {
            // Proved, since files are deleted on its word.
            var next = i + 1 < segments.Count ? _locator.ProvedFirst(segments[i + 1]) : null;
            if ((next ?? end) is not { } behind || behind > to) break;
            free.Add(segments[i]);
        }

        return Free(free);
    }

    private bool Free(IReadOnlyList<int> segments)
    {
        foreach (var segment in segments)
        {
            var path = _paths.Segment(_log, segment);
            if (_readers.Retire(segment) && _files.Open(path, FileMode.Open, FileAccess.Read) is { } file)
            {
                long length;
                using (file) length = file.Length;
                _pool.Give(path, length);
            }
            else
            {
                _files.Delete(path);
            }
        }

        if (segments.Count > 0) _files.FlushDirectory(_paths.Log(_log));
        return true;
    }

    /// <summary>Runs one piece of disk work at a time, off the caller's thread. Giving up the wait does not stop it.</summary>
    private async Task<T> TakeTurnAsync<T>(TaskFactory disk, Func<T> work, CancellationToken cancellation)
    {
        await _turn.WaitAsync(cancellation).ConfigureAwait(false);
        var running = disk.StartNew(
            () =>
            {
                try
                {
                    return work();
                }
                finally
                {
                    _turn.Release();
                }
            },
            CancellationToken.None);
        return await running.WaitAsync(cancellation).ConfigureAwait(false);
    }
}
