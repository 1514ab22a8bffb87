using System.Collections.Concurrent;

namespace Rollbook.Episodes;

/// <summary>
/// The episodes that are active in this silo. Whoever holds steps within the silo takes a turn of the activation itself instead of sending it a message: a
/// message to a grain of the own silo costs several times what the recording of a step does.
/// </summary>
/// <remarks>
/// The turn runs where a grain call would run, interleaved like one, so that the owner's rules hold as they stand. Only what follows the tail is taken this way;
/// repeats, gaps, endings and whatever else needs a look go by the grain call, which answers them.
/// </remarks>
internal sealed class ActiveEpisodes
{
    private readonly ConcurrentDictionary<EpisodeKey, ActiveEpisode> episodes = [];

    /// <summary>The activation is there.</summary>
    public void Add(EpisodeKey key, ActiveEpisode episode) => episodes[key] = episode;

    /// <summary>The activation goes. One that came after it stays.</summary>
    public void Remove(EpisodeKey key, ActiveEpisode episode) => episodes.TryRemove(new(key, episode));

    /// <summary>The activation of an episode in this silo; null where it has none.</summary>
    public ActiveEpisode? Find(EpisodeKey key) => episodes.GetValueOrDefault(key);
}
