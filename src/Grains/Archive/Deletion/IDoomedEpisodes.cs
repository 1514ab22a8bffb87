namespace Rollbook.Archive;

/// <summary>What a deletion asks of the episodes' owners and of the workers that began them.</summary>
/// <remarks>Every call may be repeated. An exception means that the outcome is unknown.</remarks>
internal interface IDoomedEpisodes
{
    /// <summary>Ends an episode that runs, as aborted. Ok where it has ended, however.</summary>
    ValueTask<RollbookCode> AbortAsync(EpisodeKey key);

    /// <summary>The header says that it is deleted: whoever knows it forgets it, and its worker's history has it no more when this returns.</summary>
    ValueTask ForgetAsync(EpisodeKey key, string worker);
}
