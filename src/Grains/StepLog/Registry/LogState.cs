namespace Rollbook.StepLog;

/// <summary>The life of a log, always forwards.</summary>
public enum LogState
{
    /// <summary>A process writes it, or died writing it.</summary>
    Open = 0,

    /// <summary>Somebody is putting the fence; the mark of trimming stands still for all but recovery.</summary>
    Fencing = 1,

    /// <summary>It ends at the fence.</summary>
    Fenced = 2,

    /// <summary>Every segment has its index, and each episode that it left unfinished belongs to another log or has ended.</summary>
    Recovered = 3,

    /// <summary>Its chunks are packed and freed. The row stays.</summary>
    Trimmed = 4,
}
