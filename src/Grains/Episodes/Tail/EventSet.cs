namespace Rollbook.Episodes;

/// <summary>
/// What a tail keeps of its score and label events: enough to know a repeat, the effective final score and the labels. An event costs 32 bytes here, whatever its
/// rationale and metadata hold: those are read from its frame.
/// </summary>
public sealed class EventSet
{
    private readonly Dictionary<UInt128, UInt128> hashes;

    /// <summary>No events yet.</summary>
    public EventSet() => hashes = [];

    internal EventSet(Dictionary<UInt128, UInt128> hashes, int scoreCount, long scoresFrom, bool judged, double? verdict, IReadOnlyList<string> labels)
    {
        this.hashes = hashes;
        (ScoreCount, ScoresFrom, Judged, Verdict, Labels) = (scoreCount, scoresFrom, judged, verdict, labels);
    }

    /// <summary>Scores and labels together.</summary>
    public int Count => hashes.Count;

    /// <summary>Scores alone.</summary>
    public int ScoreCount { get; private set; }

    /// <summary>The next ordinal when the first score was recorded: no score's frame lies before it.</summary>
    public long ScoresFrom { get; private set; }

    /// <summary>Whether some event gives the effective final score.</summary>
    public bool Judged { get; private set; }

    /// <summary>What the newest such event says; null = not scored.</summary>
    public double? Verdict { get; private set; }

    /// <summary>The labels that are set, sorted by their code units. Never changed in place.</summary>
    public IReadOnlyList<string> Labels { get; private set; } = [];

    /// <summary>Hashes of ids and bodies, in the order in which the events were recorded.</summary>
    internal IReadOnlyDictionary<UInt128, UInt128> Hashes => hashes;

    /// <summary>The hash of the event's body; false where the id is new.</summary>
    public bool TryGet(string eventId, out UInt128 hash) => hashes.TryGetValue(EventHash.Of(eventId), out hash);

    /// <summary>The labels after an event.</summary>
    public IReadOnlyList<string> LabelsAfter(IEnumerable<string> add, IEnumerable<string> remove) =>
        [.. Labels.Except(remove).Union(add).Order(StringComparer.Ordinal)];

    internal void Add(in ScoreHead score, long ordinal)
    {
        Add(score.Id, score.Hash);
        if (ScoreCount++ == 0) ScoresFrom = ordinal;
        if (!score.IsFinal) return;
        Judged = true;
        Verdict = score.Value;
    }

    internal void Add(in LabelHead labels)
    {
        Add(labels.Id, labels.Hash);
        Labels = LabelsAfter(labels.Add, labels.Remove);
    }

    /// <summary>A record as its events leave it.</summary>
    internal EpisodeRecord Show(EpisodeRecord record) => record with
    {
        FinalScore = Judged ? Verdict : record.ReportedScore,
        Labels = Labels,
        ScoreCount = ScoreCount,
    };

    internal EventSet Copy() => new(new Dictionary<UInt128, UInt128>(hashes), ScoreCount, ScoresFrom, Judged, Verdict, Labels);

    private void Add(UInt128 id, UInt128 hash)
    {
        if (!hashes.TryAdd(id, hash)) throw new InvalidDataException("An event of this id was recorded before.");
    }
}
