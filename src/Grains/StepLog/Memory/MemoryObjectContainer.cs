namespace Rollbook.StepLog;

/// <summary>A container in memory, for tests and simulation.</summary>
public sealed class MemoryObjectContainer : IObjectContainer
{
    private readonly Lock _lock = new();
    private readonly SortedDictionary<string, byte[]> _objects = new(StringComparer.Ordinal);

    /// <summary>Objects of a page of a listing.</summary>
    public int PageSize { get; init; } = 5000;

    /// <inheritdoc/>
    public ValueTask<bool> PutNewAsync(string name, ReadOnlyMemory<byte> bytes, CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        lock (_lock) return ValueTask.FromResult(_objects.TryAdd(name, bytes.ToArray()));
    }

    /// <inheritdoc/>
    public ValueTask PutAsync(string name, ReadOnlyMemory<byte> bytes, CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        lock (_lock) _objects[name] = bytes.ToArray();
        return ValueTask.CompletedTask;
    }

    /// <inheritdoc/>
    public ValueTask<byte[]?> GetAsync(string name, CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        lock (_lock) return ValueTask.FromResult(_objects.TryGetValue(name, out var bytes) ? (byte[]?)bytes.Clone() : null);
    }

    /// <inheritdoc/>
    public ValueTask<int?> ReadAsync(string name, long offset, Memory<byte> into, CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        byte[]? bytes;
        lock (_lock) bytes = _objects.GetValueOrDefault(name);
        if (bytes is null) return ValueTask.FromResult<int?>(null);
        var length = (int)Math.Clamp(bytes.Length - offset, 0, into.Length);
        if (length > 0) bytes.AsMemory((int)offset, length).CopyTo(into);
        return ValueTask.FromResult<int?>(length);
    }

    /// <inheritdoc/>
    public ValueTask<ObjectPage> ListAsync(string prefix, string? page, CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        lock (_lock)
        {
            var found = _objects
                .Where(pair => pair.Key.StartsWith(prefix, StringComparison.Ordinal) && (page is null || string.CompareOrdinal(pair.Key, page) > 0))
                .Select(pair => new ObjectEntry(pair.Key, pair.Value.Length)).Take(PageSize).ToList();
            return ValueTask.FromResult(new ObjectPage(found, found.Count == PageSize ? found[^1].Name : null));
        }
    }

    /// <inheritdoc/>
    public ValueTask DeleteAsync(string name, CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        lock (_lock) _objects.Remove(name);
        return ValueTask.CompletedTask;
    }
}
