using System.Collections.Concurrent;

namespace Rollbook.StepLog;

/// <summary>
/// The step log in an object store: each chunk is one immutable object, put where there is none. A put without an answer is made again, for a minute: where the name is
/// taken, the same bytes mean that it was stored, and other bytes that the log was fenced. The fence is an object, too, at the first number that holds no chunk, and is never
/// deleted: whoever took the log for its own finds it, however late.
/// </summary>
public sealed class ObjectStepLogStorage : IStepLogStorage
{
    private readonly IObjectContainer _container;
    private readonly ObjectStepLogOptions _options;
    private readonly ObjectCalls _calls;
    private readonly ConcurrentDictionary<LogId, ObjectLogWriter> _writers = new();

    /// <summary>Opens the device on a container.</summary>
    /// <param name="container">The container; it exists.</param>
    /// <param name="options">How it is used.</param>
    /// <param name="time">Measures pauses.</param>
    /// <param name="seed">Of the pauses, another one for each process.</param>
    public ObjectStepLogStorage(IObjectContainer container, ObjectStepLogOptions options, TimeProvider time, int seed) =>
        (_container, _options, _calls) = (container, options, new ObjectCalls(options, time, seed));

    /// <inheritdoc/>
    public int MaxInFlight => _options.MaxInFlight;

    /// <summary>Nothing: an object store is never full.</summary>
    public ValueTask ReserveAsync(LogId log, int segment, long bytes, CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        return ValueTask.CompletedTask;
    }

    /// <inheritdoc/>
    public ValueTask AppendAsync(LogId log, ChunkAddress at, ReadOnlyMemory<byte> chunk, CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        var writer = _writers.GetOrAdd(log, static (id, device) => new ObjectLogWriter(device._container, device._calls, id), this);
        // A wait that is given up leaves the chunk under way.
        return new ValueTask(writer.AppendAsync(at, cancellation.CanBeCanceled ? chunk.ToArray() : chunk).WaitAsync(cancellation));
    }

    /// <inheritdoc/>
    public async ValueTask<LogEnd> FenceAsync(LogId log, long trimmedTo, CancellationToken cancellation) =>
        new(await End(log).FenceAsync(trimmedTo, cancellation), 0);

    /// <inheritdoc/>
    public IAsyncEnumerable<StoredChunk> ReadAsync(LogId log, long from, long end, CancellationToken cancellation) => Reader(log).ReadAsync(from, end, cancellation);

    /// <inheritdoc/>
    public ValueTask ReadRangeAsync(LogId log, ChunkAddress at, int offsetInChunk, Memory<byte> into, CancellationToken cancellation) =>
        Reader(log).ReadRangeAsync(at, offsetInChunk, into, cancellation);

    /// <inheritdoc/>
    public ValueTask TrimAsync(LogId log, long to, CancellationToken cancellation) => End(log).TrimAsync(to, cancellation);

    private ObjectLogReader Reader(LogId log) => new(_container, _calls, _options.ReadAhead, log);

    private ObjectLogEnd End(LogId log) => new(_container, _calls, log);
}
