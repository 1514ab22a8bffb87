using System.Collections.Concurrent;
using System.Globalization;
using Orleans.Runtime;
using Orleans.Storage;

namespace Rollbook.Testing;

/// <summary>Grain storage in memory that the silos of one process share. States must be immutable: they are kept as they are.</summary>
public sealed class MemoryGrainStorage : IGrainStorage
{
    private readonly ConcurrentDictionary<(string, GrainId), (object? State, string ETag)> states = new();
    private long writes;

    /// <inheritdoc/>
    public Task ReadStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState)
    {
        ArgumentNullException.ThrowIfNull(grainState);
        var found = states.TryGetValue((stateName, grainId), out var stored);
        grainState.State = found ? (T)stored.State! : Activator.CreateInstance<T>();
        grainState.ETag = found ? stored.ETag : null!;
        grainState.RecordExists = found;
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public Task WriteStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState)
    {
        ArgumentNullException.ThrowIfNull(grainState);
        var next = ((object?)grainState.State, Interlocked.Increment(ref writes).ToString(CultureInfo.InvariantCulture));
        var key = (stateName, grainId);
        var stored = states.TryGetValue(key, out var known)
            ? known.ETag == grainState.ETag && states.TryUpdate(key, next, known)
            : grainState.ETag is null && states.TryAdd(key, next);
        if (!stored) throw new InconsistentStateException($"The state {stateName} of {grainId} was changed by another.");
        (grainState.ETag, grainState.RecordExists) = (next.Item2, true);
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public Task ClearStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState)
    {
        ArgumentNullException.ThrowIfNull(grainState);
        states.TryRemove((stateName, grainId), out _);
        (grainState.State, grainState.ETag, grainState.RecordExists) = (Activator.CreateInstance<T>(), null!, false);
        return Task.CompletedTask;
    }
}
