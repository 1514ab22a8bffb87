namespace Rollbook;

/// <summary>Where an episode is in its life. Every status but <see cref="Running"/> is an ending.</summary>
public enum EpisodeStatus
{
    /// <summary>Takes steps.</summary>
    Running = 0,

    /// <summary>Its worker ended it.</summary>
    Completed = 1,

    /// <summary>Its worker began another.</summary>
    Superseded = 2,

    /// <summary>Ended by request.</summary>
    Aborted = 3,

    /// <summary>Silent past its deadline, or damaged. May be resumed until it is sealed.</summary>
    Lost = 4,
}
