namespace Rollbook.Model.Tests.Archive;

/// <summary>The rules of moving an ended episode from packs into a day folder. Each can be taken away.</summary>
[Flags]
internal enum SealAndCompactRules
{
    /// <summary>None.</summary>
    None = 0,

    /// <summary>Sealing stops the old owner: its log takes nothing more of the episode below the new term.</summary>
    StopTheOwner = 1 << 0,

    /// <summary>The compactor reads only when the owner is stopped.</summary>
    ReadAfterStop = 1 << 1,

    /// <summary>Sealing is a compare-and-swap of the header, ended → sealing, with a new term.</summary>
    SealTheHeader = 1 << 2,

    /// <summary>It reads only when the header is sealed. Not needed where it has stopped the owner before: the compare-and-swap notices all others.</summary>
    ReadAfterSeal = 1 << 3,

    /// <summary>Only an episode is compacted whose records below the seal are all in packs that count.</summary>
    EverythingPacked = 1 << 4,

    /// <summary>A compaction counts only if all its inputs are still listed at the compare-and-swap.</summary>
    InputsStillListed = 1 << 5,

    /// <summary>That same compare-and-swap puts the outputs in the place of the inputs.</summary>
    ReplacedAtOnce = 1 << 6,

    /// <summary>What the inputs hold besides the episode goes on in an output.</summary>
    RestIsKept = 1 << 7,

    /// <summary>The header's final row comes only after the manifest's compare-and-swap.</summary>
    FinalRowAfterManifest = 1 << 8,

    /// <summary>The final row keeps every extent that the published file does not cover, whoever published it.</summary>
    FinalRowKeepsUncovered = 1 << 9,

    /// <summary>The janitor spares an unlisted output whose inputs are all listed: it may yet be published.</summary>
    JanitorSparesOutputs = 1 << 10,

    /// <summary>A read takes the header before the manifest.</summary>
    HeaderBeforeManifest = 1 << 11,

    /// <summary>A file of the pinned manifest that is gone means "read everything again", never "nothing there".</summary>
    MissingFileMeansAgain = 1 << 12,

    /// <summary>The outputs of each seal have names of their own: a name that is taken has what another seal covered.</summary>
    OutputsHaveOwnNames = 1 << 13,

    /// <summary>All of them.</summary>
    All = (1 << 14) - 1,
}
