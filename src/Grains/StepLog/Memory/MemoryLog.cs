namespace Rollbook.StepLog;

/// <summary>One log of the memory device: numbered objects that are put only where none is.</summary>
/// <remarks>All members are called under the device's lock. Tasks that end here are completed by the caller, outside of it.</remarks>
internal sealed class MemoryLog(LogId id)
{
    private readonly SortedDictionary<long, Stored> _chunks = [];
    private readonly SortedDictionary<long, TaskCompletionSource> _waiting = [];
    private readonly Dictionary<int, long> _reserved = [];

    /// <summary>The number below which every chunk was stored once: what may be acknowledged.</summary>
    private long _next;
    private long? _fence;

    public void Reserve(int segment, long bytes) => _reserved[segment] = Math.Max(bytes, _reserved.GetValueOrDefault(segment));

    /// <summary>Puts a chunk where none is; the task ends when all chunks before it are stored too.</summary>
    public Task Append(ChunkAddress at, ReadOnlyMemory<byte> bytes, List<TaskCompletionSource> released)
    {
        if (at.Number >= _fence) throw new LogFencedException(id);
        if (_chunks.TryGetValue(at.Number, out var stored))
        {
            if (stored.At != at || !stored.Bytes.AsSpan().SequenceEqual(bytes.Span)) throw new LogFencedException(id);
        }
        else
        {
            CheckPlace(at, bytes.Length);
            _chunks.Add(at.Number, new Stored(at, bytes.ToArray()));
        }

        while (_chunks.ContainsKey(_next))
        {
            if (_waiting.Remove(_next, out var waiter)) released.Add(waiter);
            _next++;
        }

        if (at.Number < _next) return Task.CompletedTask;
        if (!_waiting.TryGetValue(at.Number, out var mine))
            _waiting.Add(at.Number, mine = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));
        return mine.Task;
    }

    /// <summary>Puts the fence at the first free number; what was stored behind a gap never counts.</summary>
    public LogEnd Fence(long trimmedTo, List<TaskCompletionSource> refused)
    {
        if (_fence is { } known) return new LogEnd(known, 0);
        var k = trimmedTo;
        while (_chunks.ContainsKey(k)) k++;
        _fence = k;
        foreach (var behind in _chunks.Keys.Where(number => number > k).ToList()) _chunks.Remove(behind);
        refused.AddRange(_waiting.Values);
        _waiting.Clear();
        return new LogEnd(k, 0);
    }

    /// <summary>The first number of the segment that holds this chunk.</summary>
    public long SegmentStart(long number)
    {
        if (!_chunks.TryGetValue(number, out var stored)) throw new ChunkTrimmedException(id, number);
        while (_chunks.TryGetValue(number - 1, out var before) && before.At.Segment == stored.At.Segment) number--;
        return number;
    }

    public byte[] Read(long number) =>
        _chunks.TryGetValue(number, out var stored) ? stored.Bytes : throw new ChunkTrimmedException(id, number);

    public void Trim(long to)
    {
        if (_chunks.Count == 0) return;
        var last = _chunks.Last().Value.At.Segment;
        foreach (var segment in _chunks.Values.GroupBy(chunk => chunk.At.Segment).ToList())
        {
            var open = segment.Key == last && _fence is null;
            if (open || segment.Any(chunk => chunk.At.Number >= to)) continue;
            foreach (var chunk in segment) _chunks.Remove(chunk.At.Number);
        }
    }

    private void CheckPlace(ChunkAddress at, int length)
    {
        if (at.Offset % ChunkCodec.Alignment != 0 || length == 0 || length % ChunkCodec.Alignment != 0)
            throw new InvalidOperationException($"Chunk {at} of {length} bytes is not aligned to {ChunkCodec.Alignment}.");
        if (at.Offset + length > _reserved.GetValueOrDefault(at.Segment))
            throw new InvalidOperationException($"Chunk {at} of {length} bytes lies outside of what was reserved for its segment.");
    }

    private readonly record struct Stored(ChunkAddress At, byte[] Bytes);
}
