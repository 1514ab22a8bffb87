namespace Rollbook.Loggers;

/// <summary>The episodes as a logger sees them: what it may ask of one, by key.</summary>
/// <remarks>A refusal is the reply's code. An exception means that the outcome is unknown; every call may be repeated.</remarks>
internal interface IEpisodes
{
    /// <summary>Creates the episode, or finds it created by the same start.</summary>
    Task<StartReply> OpenAsync(OpenEpisode request);

    /// <summary>Re-opens a lost episode, or gives a running one a new writer.</summary>
    Task<StartReply> ResumeAsync(EpisodeKey key, string? writer);

    /// <summary>Ends it.</summary>
    Task<EndReply> EndAsync(EpisodeKey key, EndEpisode request);

    /// <summary>Its record.</summary>
    Task<EpisodeView> ReadAsync(EpisodeKey key);
}
