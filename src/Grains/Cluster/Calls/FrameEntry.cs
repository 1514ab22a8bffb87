using Rollbook.StepLog;

namespace Rollbook.Cluster;

/// <summary>Where one frame lies, as it travels; the episode is known from the question.</summary>
/// <param name="Term">The frame's term.</param>
/// <param name="Ordinal">The first step's ordinal.</param>
/// <param name="Count">Steps in it.</param>
/// <param name="Kind">The number of its kind.</param>
/// <param name="Chunk">The number of its chunk.</param>
/// <param name="Segment">The chunk's segment.</param>
/// <param name="ChunkOffset">Bytes from the segment's start to the chunk's.</param>
/// <param name="Offset">Bytes from the chunk's start.</param>
/// <param name="Length">The frame's length.</param>
[GenerateSerializer, Immutable, Alias("rollbook.FrameEntry")]
internal readonly record struct FrameEntry(
    [property: Id(0)] long Term, [property: Id(1)] long Ordinal, [property: Id(2)] int Count, [property: Id(3)] byte Kind, [property: Id(4)] long Chunk,
    [property: Id(5)] int Segment, [property: Id(6)] long ChunkOffset, [property: Id(7)] int Offset, [property: Id(8)] int Length)
{
    /// <summary>An entry to send.</summary>
    public static FrameEntry Of(IndexEntry entry) => new(
        entry.Term, entry.Ordinal, entry.Count, (byte)entry.Kind, entry.Chunk.Number, entry.Chunk.Segment, entry.Chunk.Offset, entry.Offset, entry.Length);

    /// <summary>The entry that was sent.</summary>
    public IndexEntry Entry(EpisodeKey key) =>
        new(key.Project, key.Id, Term, Ordinal, Count, (FrameKind)Kind, new ChunkAddress(Chunk, Segment, ChunkOffset), Offset, Length);
}
