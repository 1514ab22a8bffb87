namespace Rollbook.Model.Tests.Archive;

/// <summary>The rules of packing, trimming and reading one log. Each can be taken away.</summary>
[Flags]
internal enum PackAndTrimRules
{
    /// <summary>None.</summary>
    None = 0,

    /// <summary>A pack counts only if the project's <c>packed_to</c> still is the pack's start at the compare-and-swap.</summary>
    StartStillHolds = 1 << 0,

    /// <summary>A segment is freed only when every project with records in it has published past it.</summary>
    EveryProjectPublished = 1 << 1,

    /// <summary><c>trimmed_to</c> stands in the registry before a chunk is deleted.</summary>
    MarkBeforeDelete = 1 << 2,

    /// <summary>A row that isn't open refuses the mark to all but recovery, which comes when the fence has its number.</summary>
    ClosedRowRefusesTheMark = 1 << 3,

    /// <summary>A read knows its end before it starts: the fence, or the durable mark that an owner returned.</summary>
    EndKnownBeforehand = 1 << 4,

    /// <summary>A read takes the packs first, then the log from that manifest's <c>packed_to</c>.</summary>
    PacksFirst = 1 << 5,

    /// <summary>A chunk that is missing below the end means "read the manifest again", never "nothing there".</summary>
    MissingMeansAgain = 1 << 6,

    /// <summary>A read passes over the chunks below a <c>trimmed_to</c> that it knows: its project had nothing more in them.</summary>
    PassOverTrimmed = 1 << 7,

    /// <summary>A read takes that <c>trimmed_to</c> before the manifest, never after it.</summary>
    TrimmedBeforeManifest = 1 << 8,

    /// <summary>An archiver that lost the compare-and-swap leaves a file alone that the manifest lists: the name is the winner's, too.</summary>
    LoserSparesListed = 1 << 9,

    /// <summary>The janitor deletes only unlisted files whose start lies below <c>packed_to</c>.</summary>
    JanitorSparesPublishable = 1 << 10,

    /// <summary>An archiver packs no farther than an end that it knows to be durable: the owner's acknowledged one, or the fence.</summary>
    ArchiverKnowsItsEnd = 1 << 11,

    /// <summary>All of them.</summary>
    All = (1 << 12) - 1,
}
