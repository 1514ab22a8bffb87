using System.Collections.Concurrent;

namespace Rollbook.StepLog;

/// <summary>
/// The device on this machine's disk: preallocated segment files, one chunk in flight, each flushed by fsync before it is acknowledged.
/// A write or flush that fails poisons its log for good. The caller holds the directory's <see cref="DataDirectoryLock"/>.
/// </summary>
public sealed class LocalStepLogStorage : IStepLogStorage, IDisposable
{
    private readonly IDiskFiles _files;
    private readonly LocalPaths _paths;
    private readonly SegmentPool _pool;
    private readonly SegmentAllocator _allocator;
    private readonly DiskThreads _threads;
    private readonly long _segmentBytes;
    private readonly ConcurrentDictionary<LogId, LocalLog> _logs = new();

    /// <summary>Opens the device on a directory that exists, with threads of its own.</summary>
    public LocalStepLogStorage(LocalStepLogOptions options)
        : this(options, DiskFiles.Instance, static () => new DiskThreads())
    {
    }

    /// <summary>Opens the device on any file system; disk work runs where the scheduler says.</summary>
    internal LocalStepLogStorage(LocalStepLogOptions options, IDiskFiles files, TaskScheduler scheduler)
        : this(options, files, () => new DiskThreads(scheduler))
    {
    }

    private LocalStepLogStorage(LocalStepLogOptions options, IDiskFiles files, Func<DiskThreads> threads)
    {
        _files = files;
        _paths = new LocalPaths(Path.GetFullPath(options.DataDirectory));
        _pool = new SegmentPool(files, _paths, options.SpareSegments);
        _allocator = new SegmentAllocator(files, _paths, _pool, new DiskReserve(_paths.Data, options.DiskReserveBytes));
        _threads = threads();
        _segmentBytes = options.SegmentBytes;
    }

    /// <inheritdoc/>
    public int MaxInFlight => 1;

    /// <inheritdoc/>
    public ValueTask ReserveAsync(LogId log, int segment, long bytes, CancellationToken cancellation) =>
        Of(log).Reservations.ReserveAsync(segment, bytes, cancellation);

    /// <inheritdoc/>
    public ValueTask AppendAsync(LogId log, ChunkAddress at, ReadOnlyMemory<byte> chunk, CancellationToken cancellation) =>
        new(Of(log).AppendAsync(at, chunk, cancellation));

    /// <inheritdoc/>
    public ValueTask<LogEnd> FenceAsync(LogId log, long trimmedTo, CancellationToken cancellation) =>
        new(Of(log).FenceAsync(trimmedTo, cancellation));

    /// <inheritdoc/>
    public IAsyncEnumerable<StoredChunk> ReadAsync(LogId log, long from, long end, CancellationToken cancellation) =>
        Of(log).Reader.ReadAsync(from, end, cancellation);

    /// <inheritdoc/>
    public ValueTask ReadRangeAsync(LogId log, ChunkAddress at, int offsetInChunk, Memory<byte> into, CancellationToken cancellation) =>
        new(_threads.Others.StartNew(() => Of(log).Reader.ReadRange(at, offsetInChunk, into.Span), cancellation));

    /// <inheritdoc/>
    public ValueTask TrimAsync(LogId log, long to, CancellationToken cancellation) => new(Of(log).TrimAsync(to, cancellation));

    /// <summary>Closes the files. Nothing is written: what was acknowledged is durable already.</summary>
    public void Dispose()
    {
        // First, so that no file is closed under a flush.
        _threads.Dispose();
        foreach (var log in _logs.Values) log.Dispose();
    }

    private LocalLog Of(LogId log) =>
        _logs.GetOrAdd(log, id => new LocalLog(_files, _paths, id, _allocator, _pool, _segmentBytes, _threads));
}
