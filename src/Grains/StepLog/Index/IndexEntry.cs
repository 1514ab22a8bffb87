namespace Rollbook.StepLog;

/// <summary>Where one frame of an episode lies.</summary>
/// <param name="Project">The episode's project, since clients mint ids; null in an index of the first format, which did not name it: then only the frame itself tells.</param>
/// <param name="Episode">The episode.</param>
/// <param name="Term">The frame's term.</param>
/// <param name="Ordinal">The first step's ordinal; for other kinds the next ordinal at that moment.</param>
/// <param name="Count">Steps in it.</param>
/// <param name="Kind">What it says.</param>
/// <param name="Chunk">The chunk that holds it.</param>
/// <param name="Offset">Bytes from the chunk's start.</param>
/// <param name="Length">The frame's length.</param>
public readonly record struct IndexEntry(
    string? Project, EpisodeId Episode, long Term, long Ordinal, int Count, FrameKind Kind, ChunkAddress Chunk, int Offset, int Length)
    : IComparable<IndexEntry>
{
    /// <summary>By episode and project, then by place in the log.</summary>
    public int CompareTo(IndexEntry other)
    {
        var order = CompareTo(other.Episode, other.Project);
        if (order == 0) order = Chunk.Number.CompareTo(other.Chunk.Number);
        return order == 0 ? Offset.CompareTo(other.Offset) : order;
    }

    /// <summary>By episode and project.</summary>
    internal int CompareTo(EpisodeId episode, string? project)
    {
        var order = Episode.CompareTo(episode);
        return order == 0 ? string.CompareOrdinal(Project, project) : order;
    }
}
