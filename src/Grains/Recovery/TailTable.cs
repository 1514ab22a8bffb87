using Rollbook.Episodes;
using Rollbook.StepLog;

namespace Rollbook.Recovery;

/// <summary>
/// The tails that one pass over a dead log gives: the last closed run of owned frames and every frame after its begin, applied in log order.
/// A term whose compare-and-swap is not proved by a later frame stands beside the one before it; the header says which of them counts.
/// </summary>
public sealed class TailTable
{
    private readonly Dictionary<EpisodeKey, List<Candidate>> episodes = [];

    /// <summary>How many episodes it knows.</summary>
    public int Count => episodes.Count;

    /// <summary>The episodes for which some term has not ended.</summary>
    public IEnumerable<EpisodeKey> Unfinished =>
        episodes.Where(static e => e.Value.Exists(static c => !c.Tail.Ended)).Select(static e => e.Key);

    /// <summary>All tails that have not ended, with their terms.</summary>
    public IEnumerable<(long Term, EpisodeTail Tail)> UnfinishedTails =>
        episodes.Values.SelectMany(static c => c).Where(static c => !c.Tail.Ended).Select(static c => (c.Term, c.Tail));

    /// <summary>The tail that an episode has at the end of a term in this log; null where the pass met none.</summary>
    public EpisodeTail? Find(EpisodeKey key, long term)
    {
        if (!episodes.TryGetValue(key, out var candidates)) return null;
        foreach (var candidate in candidates)
            if (candidate.Term == term) return candidate.Tail;
        return null;
    }

    /// <summary>The newest term of an episode in this log; 0 where the pass met none.</summary>
    public long NewestTerm(EpisodeKey key) => episodes.TryGetValue(key, out var candidates) ? candidates.Max(static c => c.Term) : 0;

    /// <summary>Applies the next frame of the log.</summary>
    public void Apply(in Frame frame)
    {
        if (frame.Kind is FrameKind.OwnedClose) return;
        var key = frame.Key;
        if (frame.Kind is FrameKind.Start or FrameKind.Owned)
        {
            Set(key, frame.Term, TailCodec.Read(key, frame.Payload));
            return;
        }

        var term = frame.Term;
        var at = episodes.TryGetValue(key, out var candidates) ? candidates.FindIndex(c => c.Term == term) : -1;
        if (at >= 0)
        {
            candidates![at].Tail.Apply(frame.Kind, frame.Ordinal, frame.Count, frame.Payload);
        }
        else
        {
            // Of an episode that stands later in the run of owned frames, which has it already; or of one that had ended, which no run names: its scores are found
            // by the index like its ending, and its resume carries the whole tail.
            if (frame.Kind != FrameKind.Resume) return;
            Set(key, term, TailCodec.Read(key, frame.Payload));
            candidates = episodes[key];
        }

        // Whatever is no start follows its compare-and-swap: this term was won, and earlier ones are over.
        if (candidates!.Count > 1) candidates.RemoveAll(c => c.Term < term);
    }

    private void Set(EpisodeKey key, long term, EpisodeTail tail)
    {
        if (!episodes.TryGetValue(key, out var candidates)) episodes[key] = candidates = new List<Candidate>(1);
        var before = candidates.Find(c => c.Tail.NextOrdinal == tail.NextOrdinal);
        if (before is not null) tail.Hashes.CopyFrom(before.Tail.Hashes);
        candidates.RemoveAll(c => c.Term == term);
        candidates.Add(new Candidate(term, tail));
    }

    private sealed record Candidate(long Term, EpisodeTail Tail);
}
