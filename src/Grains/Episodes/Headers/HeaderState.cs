namespace Rollbook.Episodes;

/// <summary>What a header allows. Numbers are stored: never reuse one.</summary>
public enum HeaderState
{
    /// <summary>It may be claimed; whether the episode has ended stands in its log.</summary>
    Open = 0,

    /// <summary>It is being packed for good: no resume.</summary>
    Sealing = 1,

    /// <summary>The final row: its steps lie in packs.</summary>
    Archived = 2,

    /// <summary>The final row: its steps are gone.</summary>
    Deleted = 3,
}
