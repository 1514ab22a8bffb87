namespace Rollbook.Model.Tests.Archive;

/// <summary>How much may happen in one exploration.</summary>
/// <param name="Chunks">Chunks that the owner appends at most, 1 to 3.</param>
/// <param name="Fencers">How many fence at once, 1 or 2.</param>
/// <param name="Archivers">How many pack at once, 1 or 2.</param>
/// <param name="HasReader">Whether one read happens, at any time.</param>
/// <param name="HasLatePuts">Whether a chunk's put may arrive again after the chunk was trimmed.</param>
internal sealed record PackAndTrimBounds(int Chunks, int Fencers, int Archivers, bool HasReader, bool HasLatePuts)
{
    public override string ToString() =>
        $"{Chunks} chunks, {Fencers} fencer(s), {Archivers} archiver(s), {(HasReader ? "read" : "not read")}{(HasLatePuts ? ", late puts" : "")}";
}
