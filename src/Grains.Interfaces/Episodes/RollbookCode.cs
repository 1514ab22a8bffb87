namespace Rollbook;

/// <summary>What became of a call, in one word that a program can act on. Names are those of the HTTP API in PascalCase.</summary>
public enum RollbookCode
{
    /// <summary>Done, and durable where it writes.</summary>
    Ok = 0,

    /// <summary>No such episode.</summary>
    EpisodeNotFound,

    /// <summary>No such worker.</summary>
    WorkerNotFound,

    /// <summary>The first ordinal is past the next one.</summary>
    OrdinalGap,

    /// <summary>Another step stands at the ordinal.</summary>
    OrdinalConflict,

    /// <summary>The episode takes no more steps.</summary>
    EpisodeEnded,

    /// <summary>The id was created by another worker or with another body.</summary>
    EpisodeExists,

    /// <summary>Ended before with another status, cause or score.</summary>
    EndConflict,

    /// <summary>A newer writer took the episode.</summary>
    WriterFenced,

    /// <summary>Another live writer uses the worker.</summary>
    WorkerBusy,

    /// <summary>The idempotency key was used with another body.</summary>
    IdempotencyConflict,

    /// <summary>Too many bytes in flight, or no room in storage. Nothing was taken: send again later.</summary>
    Busy,

    /// <summary>The outcome is unknown, or the owner is moving. Send the same again.</summary>
    Unavailable,

    /// <summary>The episode's log has a damaged place.</summary>
    Damaged,

    /// <summary>The score or label event's id was used with another body.</summary>
    ScoreConflict,

    /// <summary>The episode has another value of a field that was to be set.</summary>
    FieldConflict,

    /// <summary>The episode has as many score and label events as it takes.</summary>
    TooManyEvents,

    /// <summary>The episode would have more labels than it takes.</summary>
    TooManyLabels,

    /// <summary>The episode was deleted: nothing of it can be read or written any more, and its id is not used again.</summary>
    EpisodeDeleted,

    /// <summary>The episode still runs: it is deleted only where its end is asked for, too.</summary>
    EpisodeRunning,

    /// <summary>The episode has the label that protects it from being deleted.</summary>
    EpisodePinned,

    /// <summary>A step names a large value that the recorder doesn't have. Nothing was taken: put the value first.</summary>
    UnknownBlob,
}
