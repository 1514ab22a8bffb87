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
    /// <param name="storage">The device.</param>
    /// <param name="log">The log.</param>
    /// <param name="key">The episode.</param>
    /// <param name="term">The term.</param>
    /// <param name="entries">Its frames in that log, of all terms.</param>
    /// <param name="damaged">Whether the log has a damaged place: then the tail ends before the first step that can't be read.</param>
    /// <param name="cancellation">Ends the reading.</param>
    public static async ValueTask<EpisodeTail?> TailAsync(
        IStepLogStorage storage, LogId log, EpisodeKey key, long term, List<IndexEntry> entries, bool damaged, CancellationToken cancellation)
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
                var bytes = await FrameReader.ReadAsync(storage, log, entries[i], cancellation);
                tail = Apply(tail, log, key, entries[i], bytes);
            }
            catch (Exception failure) when (damaged && (failure is FrameDamagedException or LogCorruptException))
            {
                break;
            }
        }

        return tail;
    }

    private static EpisodeTail Apply(EpisodeTail? tail, LogId log, EpisodeKey key, in IndexEntry entry, byte[] bytes)
    {
        var frame = FrameReader.Prove(log, key, entry, bytes);
        if (tail is null) return TailCodec.Read(key, frame.Payload);
        tail.Apply(frame.Kind, frame.Ordinal, frame.Count, frame.Payload);
        return tail;
    }
}
