using Rollbook.StepLog;

namespace Rollbook.Episodes;

/// <summary>
/// Reads an episode's score events from their frames, in the order in which they were recorded: by term, chunk and place. A frame counts only when its (term, log)
/// stands in the header's extents.
/// </summary>
internal sealed class ScoreReader(LogLibrary library, FrameSource frames)
{
    private const int PageBytes = 1 << 20;

    /// <summary>Events up to an end that is known beforehand, about 1 MiB at most, at least one where there is one.</summary>
    /// <param name="header">Names the extents.</param>
    /// <param name="firstOrdinal">No event's frame lies before it.</param>
    /// <param name="from">The first event's place.</param>
    /// <param name="until">The place behind the last one; all before it are durable.</param>
    /// <param name="cancellation">Ends the reading.</param>
    /// <returns>The page; Damaged where an event below the end can't be read, with what lies before it.</returns>
    public async ValueTask<ScorePage> ReadAsync(EpisodeHeader header, long firstOrdinal, int from, int until, CancellationToken cancellation)
    {
        List<ScoreEvent> page = [];
        var place = 0;
        var bytes = 0;
        foreach (var extent in header.Extents)
        {
            if (from + page.Count >= until) break;
            var (entries, _) = await library.FramesAsync(extent.Log, header.Key, firstOrdinal, int.MaxValue, cancellation);
            foreach (var entry in entries)
            {
                if (entry.Kind != FrameKind.Score || entry.Term != extent.Term || place++ < from) continue;
                if (from + page.Count >= until || bytes >= PageBytes) return new ScorePage(RollbookCode.Ok, from, page);
                try
                {
                    var frame = await frames.ReadAsync(extent.Log, header.Key, entry, cancellation);
                    page.Add(ScoreCodec.Read(FrameReader.Prove(extent.Log, header.Key, entry, frame).Payload));
                }
                catch (Exception failure) when (EndedEpisode.DamageOf(failure) is { } damage)
                {
                    return new ScorePage(RollbookCode.Damaged, from, page) { Damage = damage };
                }

                bytes += entry.Length;
            }
        }

        return new ScorePage(from + page.Count >= until ? RollbookCode.Ok : RollbookCode.Damaged, from, page);
    }
}
