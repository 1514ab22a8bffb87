namespace Rollbook.Query;

/// <summary>An episode as its log knows it now.</summary>
/// <param name="Record">The record.</param>
/// <param name="Summary">What is summed over its steps.</param>
/// <param name="Term">The term under which the log holds it.</param>
/// <param name="Log">The log's name.</param>
/// <param name="Chunk">The chunk of its newest change.</param>
/// <param name="Place">The place in that chunk.</param>
/// <param name="Left">Whether another log was about to take it over: what others or the files have of the episode is newer, whatever it says here.</param>
public sealed record LiveEpisode(EpisodeRecord Record, StepSummary Summary, long Term, string Log, long Chunk, int Place, bool Left = false)
{
    /// <summary>Whether this is the newer one of two states of an episode.</summary>
    public bool IsNewerThan(LiveEpisode other) => (Term, Chunk, Place).CompareTo((other.Term, other.Chunk, other.Place)) > 0;
}
