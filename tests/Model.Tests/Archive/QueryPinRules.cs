namespace Rollbook.Model.Tests.Archive;

/// <summary>The rules of a query over packs and logs. Each can be taken away.</summary>
[Flags]
internal enum QueryPinRules
{
    /// <summary>None.</summary>
    None = 0,

    /// <summary>A query pins one manifest version: each log answers from that version's <c>packed_to</c>, whatever was published since.</summary>
    OneVersion = 1 << 0,

    /// <summary>A log forgets only what a published version covers.</summary>
    ForgetOnlyPublished = 1 << 1,

    /// <summary>A log that forgot what the pinned version does not cover says so, and the query pins a newer one.</summary>
    ForgottenMeansPinAgain = 1 << 2,

    /// <summary>A log leaves out what lies below the pinned <c>packed_to</c>: the packs have it.</summary>
    NothingBelowThePin = 1 << 3,

    /// <summary>A log goes on answering with the last row of a running episode that it handed over.</summary>
    HandedOverIsKept = 1 << 4,

    /// <summary>Of several rows of an episode the newest counts, by (term, chunk, place).</summary>
    NewestWins = 1 << 5,

    /// <summary>A query takes the list of the logs before the manifest.</summary>
    LogsBeforeManifest = 1 << 6,

    /// <summary>A log that retired after the list was taken means "begin again", never "it has nothing".</summary>
    RetiredMeansPinAgain = 1 << 7,

    /// <summary>All of them.</summary>
    All = (1 << 8) - 1,
}
