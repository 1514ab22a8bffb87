using Rollbook.Episodes;
using Rollbook.StepLog;

namespace Rollbook.Recovery;

/// <summary>Makes an episode's tail from its own frames of one term, found by the index.</summary>
internal static class FrameFold
{
    /// <summary>
    /// The tail at the end of a term; null where the log has no start of it. The last end, resume or patch frame carries the whole tail, so that only what lies
    /// behind it is read: for an ended episode its later scores and labels.
    /// </summary>
    /// <param name="frames">Reads frames.</param>
    /// <param name="log">The log.</param>
    /// <param name="key">The episode.</param>
    /// <param name="term">The term.</param>
    /// <param name="entries">Its frames in that log, of all terms.</param>
    /// <param name="damaged">Whether the log has a damaged place: then the tail ends before the first step that can't be read.</param>
    /// <param name="cancellation">Ends the reading.</param>
    public static async ValueTask<EpisodeTail?> TailAsync(
        FrameSource frames, LogId log, EpisodeKey key, long term, List<IndexEntry> entries, bool damaged, CancellationToken cancellation)
    {
        entries = entries.FindAll(e => e.Term == term);
        var from = entries.FindLastIndex(static e => e.Kind.CarriesTail());
        if (from < 0) return null;
        EpisodeTail? tail = null;
        for (var i = from; i < entries.Count; i++)
        {
            if (damaged && tail is not null && entries[i].Kind == FrameKind.Steps && entries[i].Ordinal != tail.NextOrdinal) break;
            try
            {
                var bytes = await frames.ReadAsync(log, key, entries[i], cancellation);
                tail = Apply(tail, log, key, entries[i], bytes);
            }
            catch (Exception failure) when (damaged && (failure is FrameDamagedException or LogCorruptException))
            {
                break;
            }
        }

        return tail;
    }

    /// <summary>
    /// The tail of an episode that has ended in a term, with what was said of it since; null where it has not ended, and then no more than one frame was read: behind
    /// a start that has not ended there may be 100,000 steps.
    /// </summary>
    public static async ValueTask<EpisodeTail?> EndedTailAsync(
        FrameSource frames, LogId log, EpisodeKey key, long term, List<IndexEntry> entries, CancellationToken cancellation)
    {
        entries = entries.FindAll(e => e.Term == term && (e.Kind.CarriesTail() || e.Kind is FrameKind.Score or FrameKind.Label));
        var last = entries.FindLastIndex(static e => e.Kind.CarriesTail());
        if (last < 0 || entries[last].Kind == FrameKind.Resume) return null;
        var tail = await TailAsync(frames, log, key, term, [entries[last]], damaged: false, cancellation);
        if (tail is not { Ended: true }) return null;
        if (last == entries.Count - 1) return tail;
        // An ended episode takes no steps: what lies behind its ending are scores and labels.
        return await TailAsync(frames, log, key, term, entries[last..], damaged: false, cancellation);
    }

    private static EpisodeTail Apply(EpisodeTail? tail, LogId log, EpisodeKey key, in IndexEntry entry, byte[] bytes)
    {
        var frame = FrameReader.Prove(log, key, entry, bytes);
        if (tail is null) return TailCodec.Read(key, frame.Payload);
        tail.Apply(frame.Kind, frame.Ordinal, frame.Count, frame.Payload);
        return tail;
    }
}
