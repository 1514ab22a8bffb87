namespace Rollbook.Archive;

/// <summary>What the rows of a file are.</summary>
public enum ArchiveKind
{
    /// <summary>A row a step.</summary>
    Steps,

    /// <summary>A row an episode.</summary>
    Episodes,

    /// <summary>A row a score event.</summary>
    Scores,

    /// <summary>No rows: the frames of a log that are no steps, byte for byte. Packs have it, day folders don't.</summary>
    Frames,
}
