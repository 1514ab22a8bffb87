using Rollbook.Testing;
using Xunit;

namespace Rollbook.Cli.Tests.Export;

/// <summary>A recorder with six episodes that nobody changes, by their ids.</summary>
public sealed class RecorderWithEpisodes : IAsyncLifetime
{
    public IReadOnlyList<NastyEpisode> Episodes { get; } = [.. Enumerable.Range(1, 6).Select(seed => new NastyEpisode(seed)).OrderBy(episode => episode.Id)];

    internal RealRecorder Recorder { get; private set; } = null!;

    public async ValueTask InitializeAsync()
    {
        Recorder = await RealRecorder.StartAsync();
        foreach (var episode in Episodes)
            await Recorder.RecordAsync(episode);
    }

    public ValueTask DisposeAsync() => Recorder.DisposeAsync();
}
