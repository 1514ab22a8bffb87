using Rollbook.Model.Tests.Explorer;

namespace Rollbook.Model.Tests.Archive;

/// <summary>How far the query is.</summary>
internal enum QueryStep : byte
{
    /// <summary>Has not begun.</summary>
    Idle,

    /// <summary>Began: what is acknowledged now must be in the answer.</summary>
    Begun,

    /// <summary>Has the list of logs (or the manifest, where the rule is missing).</summary>
    First,

    /// <summary>Has both, and asks the logs.</summary>
    Pinned,

    /// <summary>Has answered.</summary>
    Done,
}

/// <summary>A query that counts episodes and scores.</summary>
internal struct Query
{
    public QueryStep Step;

    /// <summary>The row and the score that were acknowledged when it began: its answer may be newer, not older.</summary>
    public byte AskedRow;
    public bool AskedScore;

    /// <summary>Whether log 0 was in the list.</summary>
    public bool HasLogZero;
    public Two<byte> PackedTo;

    /// <summary>Bit i: log i has answered.</summary>
    public byte Answered;

    /// <summary>The newest row so far, 0 for none.</summary>
    public byte Row;
    public byte Rows;
    public byte Scores;
}

/// <summary>
/// One episode in two logs. Each record writes the episode's row anew, with the next number: its place among all rows by (term, chunk, place).
/// </summary>
internal struct QueryPinState
{
    /// <summary>By log and chunk: the row's number, 0 where there is no chunk yet.</summary>
    public Two<Three<byte>> Rows;

    /// <summary>The newest acknowledged row.</summary>
    public byte Row;

    /// <summary>The row that ended the episode, 0 before.</summary>
    public byte EndedAt;

    /// <summary>The row with the score, 0 before.</summary>
    public byte ScoredAt;

    public byte Owner;

    /// <summary>The owner has let go: another silo claims.</summary>
    public bool IsReleased;

    /// <summary>The claim's start frame is durable, its compare-and-swap is not known to have succeeded.</summary>
    public bool IsDoubtful;

    /// <summary>By log: how far a pack was written, published, and forgotten.</summary>
    public Two<byte> WrittenTo;
    public Two<byte> PackedTo;
    public Two<byte> ForgottenTo;

    /// <summary>Log 0 is recovered: packed to its end, its episode in other hands. It is in no list any more.</summary>
    public bool IsLogZeroRetired;

    public Query Query;
    public QueryFault Fault;
}

/// <summary>What is wrong with an answer.</summary>
internal enum QueryFault : byte
{
    /// <summary>Nothing.</summary>
    None,

    /// <summary>The episode, or its newest row, is missing.</summary>
    RowMissing,

    /// <summary>The episode is counted twice.</summary>
    RowTwice,

    /// <summary>The score is missing.</summary>
    ScoreMissing,

    /// <summary>The score is counted twice.</summary>
    ScoreTwice,

    /// <summary>The query pins again what a log has forgotten: it may do so for ever.</summary>
    NeverAnswered,
}
