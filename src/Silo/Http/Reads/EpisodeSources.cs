using Rollbook.Episodes;

namespace Rollbook.Silo.Http;

/// <summary>Where requests read episodes: an archive of thousands is read without waking a grain for each.</summary>
/// <param name="grains">The owners.</param>
/// <param name="core">The recorder of this process; null where there is none.</param>
internal sealed class EpisodeSources(IGrainFactory grains, RecorderCore? core)
{
    /// <summary>An episode, looked for when it is first asked.</summary>
    public EpisodeReads Of(EpisodeKey key) =>
        new(grains.GetGrain<IEpisodeGrain>(key.ToString()), core is null ? null : () => EndedEpisode.FindAsync(core, key, CancellationToken.None));
}
