namespace Rollbook.Archive;

/// <summary>An episode can't be read whole: it stays where it is, and the others are sealed without it.</summary>
/// <param name="key">The episode.</param>
/// <param name="cause">What was met.</param>
internal sealed class EpisodeUnreadableException(EpisodeKey key, Exception? cause) : IOException($"The episode {key} can't be read whole, so it is not sealed.", cause)
{
    /// <summary>The episode.</summary>
    public EpisodeKey Key => key;
}
