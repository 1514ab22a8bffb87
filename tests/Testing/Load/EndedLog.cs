namespace Rollbook.Testing;

/// <summary>The load's own log of the ends that were acknowledged, and when.</summary>
internal sealed class EndedLog
{
    private readonly Lock gate = new();
    private readonly List<(EpisodeJournal Episode, long At)> entries = [];

    /// <summary>An end was acknowledged at this moment.</summary>
    public void Add(EpisodeJournal episode)
    {
        lock (gate) entries.Add((episode, TimeProvider.System.GetTimestamp()));
    }

    /// <summary>Those whose ends are at least so old, by id.</summary>
    public Dictionary<string, EpisodeJournal> Before(TimeSpan age)
    {
        lock (gate)
        {
            return entries.TakeWhile(e => TimeProvider.System.GetElapsedTime(e.At) >= age)
                .ToDictionary(static e => e.Episode.Started!.EpisodeId, static e => e.Episode);
        }
    }
}
