using Orleans.Runtime;
using Orleans.Storage;

namespace Rollbook.Testing;

/// <summary>A broken provider: the last writer wins, whatever ETag it gave.</summary>
/// <param name="inner">The right provider.</param>
public sealed class EtaglessGrainStorage(IGrainStorage inner) : IGrainStorage
{
    /// <inheritdoc/>
    public Task ReadStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState) => inner.ReadStateAsync(stateName, grainId, grainState);

    /// <inheritdoc/>
    public async Task WriteStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState)
    {
        await TakeETagAsync(stateName, grainId, grainState);
        await inner.WriteStateAsync(stateName, grainId, grainState);
    }

    /// <inheritdoc/>
    public async Task ClearStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState)
    {
        await TakeETagAsync(stateName, grainId, grainState);
        await inner.ClearStateAsync(stateName, grainId, grainState);
    }

    private async Task TakeETagAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState)
    {
        var stored = new GrainState<T>();
        await inner.ReadStateAsync(stateName, grainId, stored);
        grainState.ETag = stored.ETag;
    }
}
