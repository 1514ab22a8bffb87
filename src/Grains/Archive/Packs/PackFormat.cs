namespace Rollbook.Archive;

/// <summary>
/// What a file of the archive says of itself in its key-value metadata. Any reader of Parquet reads the columns without it:
/// <code>
///   rollbook.format      1
///   rollbook.kind        steps, episodes or scores
///   rollbook.groups      the row groups, see PackGroups
///   rollbook.left_out    of an exported file alone: what it should hold and does not, see LeftOut
/// </code>
/// A column that a reader doesn't know is passed over, so that a new one is no new format.
/// </summary>
internal static class PackFormat
{
    /// <summary>The newest format that this release reads, and the one that it writes.</summary>
    public const int Version = 1;

    public const string VersionKey = "rollbook.format";

    public const string KindKey = "rollbook.kind";

    public const string GroupsKey = "rollbook.groups";

    public const string LeftOutKey = "rollbook.left_out";

    /// <summary>Who wrote the file, in the form by which readers tell writers with known faults from others.</summary>
    public const string Writer = "rollbook version 1.0.0 (build 1)";
}
