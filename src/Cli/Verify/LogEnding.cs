namespace Rollbook.Cli;

/// <summary>How a log ends on disk.</summary>
internal enum LogEnding
{
    /// <summary>At a boundary, with nothing behind; the next start will fence it there.</summary>
    Clean,

    /// <summary>Within a chunk that was being written and never acknowledged, unless its bytes were damaged later.</summary>
    TornTail,

    /// <summary>At its fence: it takes no more.</summary>
    Fenced,

    /// <summary>Acknowledged chunks can't be read.</summary>
    Corrupt,

    /// <summary>In a chunk of another release's format, which is never damage.</summary>
    OtherFormat,
}
