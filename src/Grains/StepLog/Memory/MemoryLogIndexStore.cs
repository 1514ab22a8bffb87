using System.Collections.Concurrent;

namespace Rollbook.StepLog;

/// <summary>Index objects in memory, for tests and simulation.</summary>
public sealed class MemoryLogIndexStore : ILogIndexStore
{
    private readonly ConcurrentDictionary<(LogId Log, string Name), byte[]> _objects = new();

    /// <inheritdoc/>
    public ValueTask PutAsync(LogId log, string name, ReadOnlyMemory<byte> bytes, CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        _objects[(log, name)] = bytes.ToArray();
        return ValueTask.CompletedTask;
    }

    /// <inheritdoc/>
    public ValueTask<byte[]?> GetAsync(LogId log, string name, CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        return ValueTask.FromResult(_objects.TryGetValue((log, name), out var bytes) ? (byte[]?)bytes.Clone() : null);
    }
}
