namespace Rollbook.Query;

/// <summary>Why a statement has no answer.</summary>
internal enum SqlRefusal
{
    /// <summary>The statement is wrong, or asks for what isn't allowed.</summary>
    Bad,

    /// <summary>It took more time or memory than it may.</summary>
    Limit,

    /// <summary>Others run: send it again.</summary>
    Busy,

    /// <summary>The process that ran it failed.</summary>
    Failed,
}
