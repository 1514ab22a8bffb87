using System.Runtime.CompilerServices;
using Rollbook.Model.Tests.Explorer;

namespace Rollbook.Model.Tests.Archive;

/// <summary>The header's state.</summary>
internal enum Life : byte
{
    /// <summary>Ended by the deadline: may be resumed.</summary>
    Lost,

    /// <summary>Resumed.</summary>
    Running,

    /// <summary>Ended for good.</summary>
    Ended,

    /// <summary>A compactor reads it.</summary>
    Sealing,

    /// <summary>The final row.</summary>
    Archived,
}

/// <summary>Where a record is.</summary>
internal enum Place : byte
{
    /// <summary>Not written yet.</summary>
    Nowhere,

    /// <summary>On its way to the log, not acknowledged.</summary>
    InFlight,

    /// <summary>Durable in its log, acknowledged.</summary>
    InLog,

    /// <summary>In a pack that was published; gone from the log.</summary>
    Packed,
}

/// <summary>How far an activation is.</summary>
internal enum ActivationStep : byte
{
    /// <summary>Owns nothing.</summary>
    Idle,

    /// <summary>Has read the header and stopped the owner that it names.</summary>
    Stopped,

    /// <summary>Owns the episode, or believes so.</summary>
    Owner,
}

/// <summary>An activation of the episode's grain, with the log of its silo.</summary>
internal struct Activation
{
    public ActivationStep Step;
    public bool Resumes;
    public Life SeenLife;
    public byte Term;
}

/// <summary>How far a compactor is.</summary>
internal enum CompactorStep : byte
{
    /// <summary>Has not begun.</summary>
    Idle,

    /// <summary>Has read the header.</summary>
    Began,

    /// <summary>Has stopped the owner.</summary>
    Stopped,

    /// <summary>Has sealed the header, as <see cref="Compactor.Term"/>.</summary>
    Sealed,

    /// <summary>Its files are there.</summary>
    Put,

    /// <summary>Without <see cref="SealAndCompactRules.ReplacedAtOnce"/>: the outputs are listed beside the inputs.</summary>
    Added,

    /// <summary>The manifest lists a day file of the episode.</summary>
    Published,

    /// <summary>Is done, or has given up.</summary>
    Done,
}

/// <summary>Compacts the episode once. It may crash anywhere: then the other one takes over.</summary>
internal struct Compactor
{
    public CompactorStep Step;
    public Life SeenLife;

    /// <summary>The term that it has seen, and, once sealed, its own. Its day file covers all terms below.</summary>
    public byte Term;
    public bool HasRead;

    /// <summary>The files that it replaces.</summary>
    public byte Inputs;
}

/// <summary>How far the read is.</summary>
internal enum EpisodeReadStep : byte
{
    /// <summary>Has not begun.</summary>
    Idle,

    /// <summary>Began: what is acknowledged now must be in the answer.</summary>
    Begun,

    /// <summary>Has the header's extents (or the manifest, where the rule is missing).</summary>
    First,

    /// <summary>Has the manifest, too.</summary>
    Pinned,

    /// <summary>Has read the files.</summary>
    FilesRead,

    /// <summary>Has answered.</summary>
    Done,
}

/// <summary>A read of the whole episode, or the check of a late retry against what was recorded.</summary>
internal struct EpisodeRead
{
    public EpisodeReadStep Step;
    public byte Asked;
    public byte Extents;
    public byte Pinned;
    public Two<byte> Packs;
    public byte Got;
}

/// <summary>
/// One episode whose first step was recorded by silo 0 under term 1; silo 1 may resume it. Records are bits, in this order: another episode's
/// record in the same chunk, step 0, a score through silo 0, a score through silo 1, step 1 through silo 1.
/// </summary>
internal struct SealAndCompactState
{
    public Life Life;
    public byte Term;

    /// <summary>The log that owns the episode; 2 stands for a compactor's, which has no record of it.</summary>
    public byte Owner;

    /// <summary>Bit t: records of term t count. Each term has one log, so that this stands for the extents.</summary>
    public byte Extents;

    public Two<byte> MinimumTerm;
    public Two<Activation> Activations;
    public Records<Place> Places;
    public Records<byte> Terms;

    /// <summary>Bits: two packs of log 0, two of log 1, and a day file and a rest file of each compactor.</summary>
    public byte Files;
    public byte Listed;
    public ArchiveFiles Contents;

    /// <summary>By log: how many packs were published.</summary>
    public Two<byte> Packs;

    public Two<Compactor> Compactors;
    public EpisodeRead Read;
    public ReadFault Fault;
}

/// <summary>One value for each record.</summary>
[InlineArray(5)]
internal struct Records<T>
    where T : unmanaged
{
    private T first;
}

/// <summary>The records of each file.</summary>
[InlineArray(8)]
internal struct ArchiveFiles
{
    private byte first;
}
