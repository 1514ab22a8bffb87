using Orleans.Runtime;
using Rollbook.Testing;
using Xunit;

namespace Rollbook.Grains.Tests.Embedded;

public sealed class GrainStorageInSiloTests(GrainStorageCluster silo) : IClassFixture<GrainStorageCluster>
{
    [Fact]
    public async Task PersistentState_WhenTheSiloRestarts_IsThere()
    {
        Assert.Null(await silo.Grains.GetGrain<INoteGrain>("a").ReadAsync());
        await silo.Grains.GetGrain<INoteGrain>("a").WriteAsync("kept");
        await silo.RestartAsync();

        Assert.Equal("kept", await silo.Grains.GetGrain<INoteGrain>("a").ReadAsync());
    }

    [Fact]
    public async Task WriteStateAsync_InProvidersOfDifferentNames_IsApart()
    {
        var grain = GrainId.Create("note", "isolated");
        await silo["sqlite"].WriteStateAsync("s", grain, new GrainState<GrainStorageState> { State = new() { Text = "one" } });

        var other = new GrainState<GrainStorageState>();
        await silo["other"].ReadStateAsync("s", grain, other);
        Assert.False(other.RecordExists);
    }
}

/// <summary>A grain that keeps one text.</summary>
public interface INoteGrain : IGrainWithStringKey
{
    /// <summary>The text; null = none.</summary>
    Task<string?> ReadAsync();

    /// <summary>Stores the text.</summary>
    Task WriteAsync(string text);
}

/// <summary>See <see cref="INoteGrain"/>.</summary>
public sealed class NoteGrain([PersistentState("note")] IPersistentState<GrainStorageState> state) : Grain, INoteGrain
{
    /// <inheritdoc/>
    public Task<string?> ReadAsync() => Task.FromResult(state.State.Text);

    /// <inheritdoc/>
    public Task WriteAsync(string text)
    {
        state.State.Text = text;
        return state.WriteStateAsync();
    }
}
