namespace Rollbook.Client;

/// <summary>Where an episode's calls go.</summary>
/// <param name="Key">The episode.</param>
/// <param name="Grain">Its owner.</param>
internal sealed record EpisodeRoute(EpisodeKey Key, IEpisodeGrain Grain)
{
    /// <summary>The route of a key.</summary>
    public static EpisodeRoute Of(EpisodeKey key, IGrainFactory grains) => new(key, grains.GetGrain<IEpisodeGrain>(key.ToString()));
}
