using System.ComponentModel.DataAnnotations;

namespace Rollbook.StepLog;

/// <summary>How the step log uses an object store.</summary>
public sealed class ObjectStepLogOptions
{
    /// <summary>Chunks that may be under way at once. 1 to 16; default 4: a store that takes 60 ms for a write keeps up with a commit each 50 ms, and with a slow moment.</summary>
    [Range(1, 16, ErrorMessage = "ObjectStepLog:MaxInFlight must be 1 to 16.")]
    public int MaxInFlight { get; set; } = 4;

    /// <summary>Seconds for which a call without an answer is made again; then the log is poisoned, and the silo stops itself. 1 to 600; default 60.</summary>
    [Range(1, 600, ErrorMessage = "ObjectStepLog:RepeatSeconds must be 1 to 600.")]
    public int RepeatSeconds { get; set; } = 60;

    /// <summary>Seconds after which a single try counts as unanswered. 1 to 120; default 10.</summary>
    [Range(1, 120, ErrorMessage = "ObjectStepLog:TrySeconds must be 1 to 120.")]
    public int TrySeconds { get; set; } = 10;

    /// <summary>Chunks that a reader fetches ahead. 1 to 64; default 8.</summary>
    [Range(1, 64, ErrorMessage = "ObjectStepLog:ReadAhead must be 1 to 64.")]
    public int ReadAhead { get; set; } = 8;
}
