using Rollbook.Episodes;
using Rollbook.StepLog;

namespace Rollbook.Archive;

/// <summary>
/// Which episodes of one project had ended at the end of a stretch of a log, of those that the stretch touched: found by applying its frames in log order. A running
/// episode gives no row: its owner answers for it.
/// </summary>
internal sealed class EndedRows(LogId log)
{
    private readonly Dictionary<(EpisodeKey Key, long Term), State> states = [];

    /// <summary>
    /// Applies a frame that is no steps. A score or label of an episode whose tail the stretch has not shown needs the tail as it was before: see
    /// <see cref="NeedsTail"/>.
    /// </summary>
    public void Apply(in Frame frame, long chunk, int place)
    {
        if (frame.Kind is FrameKind.Steps or FrameKind.OwnedClose) return;
        var key = frame.Key;
        states.TryGetValue((key, frame.Term), out var state);
        // An owned frame names what the log holds at that moment: it stands in for a start that lies before the stretch, and says nothing new of others.
        if (frame.Kind == FrameKind.Owned && state is not null) return;
        var tail = state?.Tail;
        if (frame.Kind is FrameKind.Score or FrameKind.Label) tail?.Apply(frame.Kind, frame.Ordinal, 0, frame.Payload);
        else tail = TailCodec.Read(key, frame.Payload);
        if (frame.Kind == FrameKind.Owned)
        {
            // No row of its own: the place is kept below every frame's.
            states[(key, frame.Term)] = new State(tail, Proven: true, Touched: false, -1, -1);
            return;
        }

        // Whatever is no start follows its compare-and-swap, so the term was won.
        states[(key, frame.Term)] = new State(tail, (state?.Proven ?? false) || frame.Kind != FrameKind.Start, Touched: true, chunk, place);
    }

    /// <summary>Whether a frame is a score or a label of an episode whose tail must be found elsewhere first.</summary>
    public bool NeedsTail(in Frame frame) =>
        frame.Kind is FrameKind.Score or FrameKind.Label && !states.ContainsKey((frame.Key, frame.Term));

    /// <summary>Gives the tail that an episode had before the stretch; null = it is running, and gives no row.</summary>
    public void Give(EpisodeKey key, long term, EpisodeTail? tail) => states[(key, term)] = new State(tail, Proven: true, Touched: false, -1, -1);

    /// <summary>
    /// The rows, sorted by episode. Of two terms the newer one counts; a claim that no later frame of its term proves is asked for.
    /// </summary>
    /// <param name="wasWon">Whether an episode's header names a term and this log.</param>
    public async ValueTask<List<EpisodeRow>> RowsAsync(Func<EpisodeKey, long, ValueTask<bool>> wasWon)
    {
        var newest = new Dictionary<EpisodeKey, (long Term, State State)>();
        // What has only running terms here gives no row, whoever won them: after a death thousands would be asked for.
        var ended = states.Where(static s => s.Value is { Touched: true, Tail.Ended: true }).Select(static s => s.Key.Key).ToHashSet();
        foreach (var ((key, term), state) in states)
        {
            if (!state.Touched || !ended.Contains(key) || (newest.TryGetValue(key, out var known) && known.Term > term)) continue;
            if (!state.Proven && !await wasWon(key, term)) continue;
            newest[key] = (term, state);
        }

        var rows = new List<EpisodeRow>();
        foreach (var (term, state) in newest.Values)
            if (state.Tail is { Ended: true } tail) rows.Add(new EpisodeRow(tail.Record, tail.Summary, term, log, state.Chunk, state.Place));
        rows.Sort(static (a, b) => a.Record.Key.Id.CompareTo(b.Record.Key.Id));
        return rows;
    }

    private sealed record State(EpisodeTail? Tail, bool Proven, bool Touched, long Chunk, int Place);
}
