using Rollbook.Model.Tests.Explorer;

namespace Rollbook.Model.Tests.Archive;

/// <summary>What a chunk's number holds in the storage.</summary>
internal enum Cell : byte
{
    /// <summary>Nothing: not yet written, or deleted.</summary>
    Absent,

    /// <summary>The owner's chunk.</summary>
    Data,

    /// <summary>A fence.</summary>
    Fence,
}

/// <summary>The registry row's state.</summary>
internal enum Row : byte
{
    /// <summary>The owner writes.</summary>
    Open,

    /// <summary>Somebody looks for the first free number.</summary>
    Fencing,

    /// <summary>The end is known.</summary>
    Fenced,
}

/// <summary>How far a fencer is.</summary>
internal enum FencerStep : byte
{
    /// <summary>Has not begun.</summary>
    Idle,

    /// <summary>Has seen the row as Fencing and puts the fence at <see cref="Fencer.At"/> unless that is taken.</summary>
    Probing,

    /// <summary>Has found the end at <see cref="Fencer.At"/>; the row does not say so yet.</summary>
    Found,

    /// <summary>Is done.</summary>
    Done,
}

/// <summary>A successor, or recovery, that fences.</summary>
internal struct Fencer
{
    public FencerStep Step;
    public byte At;
}

/// <summary>How far an archiver is.</summary>
internal enum ArchiverStep : byte
{
    /// <summary>Has nothing to do, or crashed and starts anew.</summary>
    Idle,

    /// <summary>Has read <c>packed_to</c>, knows the durable end, and reads the chunks one after the other.</summary>
    Reading,

    /// <summary>Its file is there, or was already.</summary>
    Put,

    /// <summary>The compare-and-swap told it that its range is no longer wanted.</summary>
    Lost,
}

/// <summary>Packs one range of one project.</summary>
internal struct Archiver
{
    public ArchiverStep Step;
    public byte Project;
    public byte Range;
    public byte At;
    public byte Found;
}

/// <summary>How far the reader is.</summary>
internal enum ReaderStep : byte
{
    /// <summary>Has not begun.</summary>
    Idle,

    /// <summary>Knows its end.</summary>
    Begun,

    /// <summary>Knows the registry's <c>trimmed_to</c>, too.</summary>
    Marked,

    /// <summary>Has the rows of the packs, and reads the chunks one after the other.</summary>
    Reading,

    /// <summary>Has answered.</summary>
    Done,
}

/// <summary>Reads one project's records of the log.</summary>
internal struct Reader
{
    public ReaderStep Step;
    public byte Project;
    public byte End;
    public byte Trimmed;
    public byte PackedTo;
    public byte At;
    public byte Got;
    public bool IsAgain;
}

/// <summary>What a move broke that can't be seen in the state it leads to.</summary>
internal enum ReadFault : byte
{
    /// <summary>Nothing.</summary>
    None,

    /// <summary>A record that was acknowledged before the read is not in the answer.</summary>
    Lost,

    /// <summary>A record is in the answer twice.</summary>
    Doubled,

    /// <summary>The read found a gap again after it had read everything again: it would do so for ever.</summary>
    StandsStill,
}

/// <summary>
/// One log with one owner, and what two projects have of it. A chunk is a segment, too. Each chunk has a record of project 0;
/// those in <see cref="WithSecond"/> have one of project 1 as well.
/// </summary>
internal struct PackAndTrimState
{
    /// <summary>Bit i: chunk i has a record of project 1. Kept after the chunk is gone, to judge the reads by.</summary>
    public byte WithSecond;

    public byte Issued;
    public byte Acked;
    public bool IsPoisoned;
    public Four<Cell> Cells;

    public Row Row;
    public byte FencedAt;
    public byte TrimmedTo;

    public Two<Fencer> Fencers;
    public Two<Archiver> Archivers;

    /// <summary>By project: bit r: the file of range r is there. Its records are in <see cref="Contents"/>.</summary>
    public Two<byte> Files;

    /// <summary>By project: bit r: the manifest lists the file of range r.</summary>
    public Two<byte> Listed;

    /// <summary>By project and range: bit i: the file has chunk i's record. Kept as 0 while there is no file.</summary>
    public Two<PackFiles> Contents;

    /// <summary>By project: the manifest's <c>packed_to</c>.</summary>
    public Two<byte> PackedTo;

    public Reader Reader;
    public ReadFault Fault;
}

/// <summary>The records of each possible pack of one project, by its range.</summary>
[System.Runtime.CompilerServices.InlineArray(PackAndTrimModel.Ranges)]
internal struct PackFiles
{
    private byte first;
}
