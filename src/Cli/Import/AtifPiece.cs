namespace Rollbook.Cli;

/// <summary>What stands in an ATIF document.</summary>
internal enum AtifPieceKind
{
    /// <summary>A document begins.</summary>
    Begin,

    /// <summary>A member of it, other than its steps.</summary>
    Member,

    /// <summary>One of its steps.</summary>
    Step,

    /// <summary>It ends.</summary>
    End,
}

/// <summary>A piece of a document.</summary>
/// <param name="Kind">What it is.</param>
/// <param name="Name">A member's name.</param>
/// <param name="Json">A member's or step's value, the caller's to keep.</param>
/// <param name="Offset">Bytes before it.</param>
internal readonly record struct AtifPiece(AtifPieceKind Kind, string? Name, ReadOnlyMemory<byte> Json, long Offset);
