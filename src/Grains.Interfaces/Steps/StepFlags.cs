namespace Rollbook.Steps;

/// <summary>What summaries need to know of a step. Numbers are on disk: never reuse one.</summary>
[Flags]
public enum StepFlags : uint
{
    /// <summary>Nothing special.</summary>
    None = 0,

    /// <summary>The step ended the task.</summary>
    Done = 1,

    /// <summary>It has an error.</summary>
    Error = 2,

    /// <summary>It has security flags.</summary>
    Flagged = 4,

    /// <summary>It has the caller's own timestamp.</summary>
    HasTimestamp = 8,

    /// <summary>It names large values, which are kept by their hashes.</summary>
    Blobs = 16,
}
