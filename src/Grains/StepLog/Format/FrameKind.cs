namespace Rollbook.StepLog;

/// <summary>What a frame says of its episode. Numbers are on disk: never reuse one.</summary>
public enum FrameKind : byte
{
    /// <summary>A claim: the whole tail, less the hashes, as it was when this term began.</summary>
    Start = 1,

    /// <summary>Steps, gap-free from the frame's ordinal.</summary>
    Steps = 2,

    /// <summary>The ending: the whole episode record.</summary>
    End = 3,

    /// <summary>A lost episode runs again, or a running one has a new writer.</summary>
    Resume = 4,

    /// <summary>A score event.</summary>
    Score = 5,

    /// <summary>A label event.</summary>
    Label = 6,

    /// <summary>The tail of one episode that this log owns, with its hashes.</summary>
    Owned = 7,

    /// <summary>Closes a run of owned frames; its ordinal is the number of the chunk in which the run began.</summary>
    OwnedClose = 8,

    /// <summary>Fields of the record were set that were absent: the whole tail, less the hashes. It neither ends nor re-opens.</summary>
    Patch = 9,
}
