using Rollbook.StepLog;

namespace Rollbook.Episodes;

// What is added to an episode from outside, in any status: scores, labels, fields.
public sealed partial class EpisodeOwner
{
    /// <summary>Records score events in their order and in one durable write. Each has a reply of its own.</summary>
    public async ValueTask<IReadOnlyList<ScoreReply>> ScoreAsync(IReadOnlyList<ScoreEvent> scores)
    {
        var received = core.Now;
        var frames = new EventFrame[scores.Count];
        for (var i = 0; i < frames.Length; i++)
        {
            var hash = ScoreCodec.HashOf(scores[i]);
            frames[i] = new EventFrame(FrameKind.Score, scores[i].EventId, hash, ScoreCodec.Write(scores[i], hash, received));
        }

        var (outcomes, record) = await AddAsync(frames);
        // The history may hold the score of before. A repeat tells it again: the first one may have ended between the two writes.
        if (record is { Status: not EpisodeStatus.Running } && outcomes.Where((o, i) => o.Code == RollbookCode.Ok && scores[i].Name == ScoreEvent.Final).Any())
        {
            var told = await scored(record);
            if (told != RollbookCode.Ok) Array.ForEach(outcomes, o => o.Code = o.Code == RollbookCode.Ok ? told : o.Code);
        }

        return [.. outcomes.Select(o => new ScoreReply(o.Code, o.Duplicate, o.Code == RollbookCode.Ok ? record?.FinalScore : null))];
    }

    /// <summary>Records a label event.</summary>
    public async ValueTask<LabelReply> LabelAsync(LabelEvent labels)
    {
        var hash = LabelCodec.HashOf(labels);
        var (outcomes, record) = await AddAsync(
            [new EventFrame(FrameKind.Label, labels.EventId, hash, LabelCodec.Write(labels, hash, core.Now)) { Labels = labels }]);
        return new LabelReply(outcomes[0].Code, outcomes[0].Duplicate, outcomes[0].Code == RollbookCode.Ok ? record!.Labels : []);
    }

    /// <summary>Sets fields where they are absent; one that has another value refuses them all.</summary>
    public async ValueTask<PatchReply> PatchAsync(PatchEpisode patch)
    {
        try
        {
            while (true)
            {
                var code = await KnowAsync();
                if (code != RollbookCode.Ok) return RefusedPatch(code);
                if (Tail is not { } tail) return RefusedPatch(RollbookCode.Unavailable);
                var patched = RecordPatch.Apply(tail.Record, patch, out var conflict);
                if (conflict is not null) return RefusedPatch(await FinalAsync(RollbookCode.FieldConflict), conflict);
                var changes = !ReferenceEquals(patched, tail.Record);
                if (changes && claim is null)
                {
                    code = await ClaimEndedAsync();
                    if (code != RollbookCode.Ok) return RefusedPatch(code);
                    continue;
                }

                var commit = changes
                    ? core.Log.Append(claim!, FrameKind.Patch, 0, Encode(tail.With(patched, tail.WriterEpoch, tail.Writer)))
                    : claim?.LastCommit ?? Task.CompletedTask;
                var view = ViewOf(tail);
                await commit;
                return new PatchReply(RollbookCode.Ok, view, null);
            }
        }
        catch (Exception failure) when (CodeOf(failure) is { } refused)
        {
            return RefusedPatch(refused);
        }
    }

    private async ValueTask<(EventOutcome[] Outcomes, EpisodeRecord? Record)> AddAsync(EventFrame[] frames)
    {
        var outcomes = Array.ConvertAll(frames, static _ => new EventOutcome());
        try
        {
            var code = await KnowAsync();
            if (code == RollbookCode.Ok && claim is null && Array.Exists(frames, f => Tail?.Events is not { } known || !known.TryGet(f.EventId, out _)))
                code = await ClaimEndedAsync();
            if (code != RollbookCode.Ok || Tail is not { } tail) return (All(outcomes, code == RollbookCode.Ok ? RollbookCode.Unavailable : code), null);
            // From here to the commit nothing else comes in between: what the tail says is what this call meets.
            for (var i = 0; i < frames.Length; i++) Take(tail, frames[i], outcomes[i]);
            var record = tail.Record;
            var held = claim;
            if (held is not null) await held.LastCommit;
            // A conflict, and a repeat that was met without a claim, are facts only where this activation still speaks for the episode.
            var doubtful = Array.FindAll(outcomes, o => o.Code is not (RollbookCode.Ok or RollbookCode.Busy) || held is null);
            if (doubtful.Length > 0 && await FinalAsync(RollbookCode.Ok) is var sure && sure != RollbookCode.Ok) All(doubtful, sure);
            return (outcomes, record);
        }
        catch (Exception failure) when (CodeOf(failure) is { } refused)
        {
            return (All(outcomes, refused), null);
        }
    }

    private void Take(EpisodeTail tail, in EventFrame frame, EventOutcome outcome)
    {
        var events = tail.Events;
        if (events is not null && events.TryGet(frame.EventId, out var recorded))
        {
            outcome.Duplicate = recorded == frame.Hash;
            outcome.Code = outcome.Duplicate ? RollbookCode.Ok : RollbookCode.ScoreConflict;
        }
        else if (events?.Count >= EventRules.MaxEvents)
        {
            outcome.Code = RollbookCode.TooManyEvents;
        }
        else if (frame.Labels is { } labels && (events ?? new EventSet()).LabelsAfter(labels.Add, labels.Remove).Count > EventRules.MaxLabels)
        {
            outcome.Code = RollbookCode.TooManyLabels;
        }
        else if (claim is null)
        {
            outcome.Code = RollbookCode.Unavailable;
        }
        else
        {
            try
            {
                core.Log.Append(claim, frame.Kind, 0, frame.Payload.Span);
            }
            catch (Exception full) when (full is LogBusyException or StorageFullException)
            {
                // Those before it have their place; the caller sends the others again.
                outcome.Code = RollbookCode.Busy;
            }
        }
    }

    private static EventOutcome[] All(EventOutcome[] outcomes, RollbookCode code)
    {
        Array.ForEach(outcomes, o => o.Code = code);
        return outcomes;
    }

    private static PatchReply RefusedPatch(RollbookCode code, string? field = null) =>
        new(code, new EpisodeView(code, null, 0, null, null), code == RollbookCode.FieldConflict ? field : null);
}
