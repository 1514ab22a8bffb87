namespace Rollbook.Client;

// What a verifier or a person adds to an episode, in any status, at any time after the start.
public sealed partial class RollbookClient
{
    /// <summary>Adds a score event, durably, once per <see cref="EpisodeScore.EventId"/>: over HTTP it is the same event.</summary>
    /// <param name="episodeId">The episode.</param>
    /// <param name="score">What is said of it; the newest event named <c>final</c> is its final score in every read.</param>
    /// <param name="cancellationToken">Ends the wait; whether it is recorded is then unknown, and the same call again is harmless.</param>
    /// <exception cref="BadStepException">A field is not what it should be; nothing was sent.</exception>
    /// <exception cref="EpisodeNotFoundException">There is no such episode.</exception>
    /// <exception cref="RefusedException"><c>score_conflict</c>: the event id was used with another content; <c>too_many_events</c>.</exception>
    /// <exception cref="UnavailableException">No final answer in time. The same call again is harmless.</exception>
    public async Task<ScoredEpisode> ScoreAsync(EpisodeId episodeId, EpisodeScore score, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(score);
        ObjectDisposedException.ThrowIf(Volatile.Read(ref disposed), this);
        ScoreEvent[] request = [EdgeBodies.Read("A score", score.ToJson, ScoreBody.Read)];
        var grain = core.Route(episodeId).Grain;
        var what = $"The score {score.EventId} of episode {episodeId}";
        var replies = await tries.CallAsync(what, () => grain.Score(request), static replies => (replies[0].Code, 0), cancellationToken).ConfigureAwait(false);
        var reply = replies[0];
        return reply.Code == RollbookCode.Ok ? new ScoredEpisode(score.EventId, reply.Duplicate, reply.FinalScore) : throw Refusal.Of(reply.Code, what);
    }

    /// <summary>Sets labels and takes labels away, durably, once per <see cref="LabelChange.EventId"/>: over HTTP it is the same event.</summary>
    /// <param name="episodeId">The episode.</param>
    /// <param name="change">The labels.</param>
    /// <param name="cancellationToken">Ends the wait; whether it is recorded is then unknown, and the same call again is harmless.</param>
    /// <exception cref="RefusedException"><c>score_conflict</c>: the event id was used with another content; <c>too_many_events</c>, <c>too_many_labels</c>.</exception>
    /// <inheritdoc cref="ScoreAsync" path="/exception"/>
    public async Task<LabelledEpisode> LabelAsync(EpisodeId episodeId, LabelChange change, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(change);
        ObjectDisposedException.ThrowIf(Volatile.Read(ref disposed), this);
        var request = EdgeBodies.Read("A change of labels", change.ToJson, LabelBody.Read);
        var grain = core.Route(episodeId).Grain;
        var what = $"The labels {change.EventId} of episode {episodeId}";
        var reply = await tries.CallAsync(what, () => grain.Label(request), static reply => (reply.Code, 0), cancellationToken).ConfigureAwait(false);
        return reply.Code == RollbookCode.Ok ? new LabelledEpisode(change.EventId, reply.Duplicate, reply.Labels) : throw Refusal.Of(reply.Code, what);
    }

    /// <summary>Sets fields where the episode has none yet, durably. One that has another value refuses them all.</summary>
    /// <param name="episodeId">The episode.</param>
    /// <param name="fields">The fields.</param>
    /// <param name="cancellationToken">Ends the wait; the same call again is harmless.</param>
    /// <returns>The record with the fields.</returns>
    /// <exception cref="RefusedException"><c>field_conflict</c>: <see cref="RollbookException.Pointer"/> names the field that has another value.</exception>
    /// <inheritdoc cref="ScoreAsync" path="/exception[@cref='T:Rollbook.Client.BadStepException' or @cref='T:Rollbook.Client.EpisodeNotFoundException' or @cref='T:Rollbook.Client.UnavailableException']"/>
    public async Task<EpisodeRecord> SetFieldsAsync(EpisodeId episodeId, EpisodeFields fields, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(fields);
        ObjectDisposedException.ThrowIf(Volatile.Read(ref disposed), this);
        var request = EdgeBodies.Read("A patch", fields.ToJson, PatchBody.Read);
        var grain = core.Route(episodeId).Grain;
        var what = $"The patch of episode {episodeId}";
        var reply = await tries.CallAsync(what, () => grain.Patch(request), static reply => (reply.Code, 0), cancellationToken).ConfigureAwait(false);
        if (reply is { Code: RollbookCode.Ok, View.Record: { } record }) return record;
        throw reply.Code == RollbookCode.FieldConflict
            ? new RefusedException("field_conflict", $"{what} was refused (field_conflict): it has another {reply.Field}, which stands; nothing was set.") { Pointer = $"/{reply.Field}" }
            : Refusal.Of(reply.Code, what);
    }
}
