namespace Rollbook.Archive;

/// <summary>What the rows of a file are sorted by.</summary>
/// <param name="Episode">The episode.</param>
/// <param name="Ordinal">The step's ordinal; 0 in files of other rows.</param>
internal readonly record struct PackKey(EpisodeId Episode, long Ordinal) : IComparable<PackKey>
{
    public int CompareTo(PackKey other)
    {
        var order = Episode.CompareTo(other.Episode);
        return order != 0 ? order : Ordinal.CompareTo(other.Ordinal);
    }
}
