using Rollbook.Episodes;

namespace Rollbook.Loggers;

// What makes the worker's episodes agree with its pointer: after a start, and after a crash between two calls.
internal sealed partial class LoggerOwner
{
    private static EndEpisode SupersededBy(EpisodeId? next) =>
        new() { Status = EpisodeStatus.Superseded, Cause = next is { } id ? $"superseded by {id}" : "superseded by an episode that was deleted since" };

    private async Task<EpisodeId?> SupersedeAsync(EpisodeId? next)
    {
        EpisodeId? superseded = null;
        foreach (var earlier in State.Earlier.Where(static e => !e.Late).ToList())
        {
            if (earlier.Opening is { } opening)
            {
                // A start that crashed before it opened its episode: it is opened already ended, so that it is never seen running.
                var opened = await episodes.OpenAsync(opening with { AlreadyEnded = SupersededBy(next) });
                if (opened.Code is RollbookCode.EpisodeExists or RollbookCode.EpisodeDeleted) State = State.Withdraw(earlier.Id);
                if (opened.Code != RollbookCode.Ok) continue;
            }

            var reply = await episodes.EndAsync(KeyOf(earlier.Id), SupersededBy(next));
            if (reply.Code is RollbookCode.EpisodeNotFound or RollbookCode.EpisodeDeleted) State = State.Withdraw(earlier.Id);
            if (reply.Code != RollbookCode.Ok) continue;
            if (reply.Record!.Status == EpisodeStatus.Superseded) superseded = earlier.Id;
            State = State.End(EpisodeSummary.Of(reply.Record));
        }

        // One whose owner is moving can't be ended at this time, and must not keep the worker from its next: it is ended later.
        if (State.Earlier.Any(static e => !e.Late)) repaired = false;
        return superseded;
    }

    /// <summary>Makes the worker's episodes agree with its pointer, as far as they can be reached.</summary>
    /// <remarks>The current entry is opened only; each earlier one is opened, then superseded; all of it can be repeated.</remarks>
    public async Task RepairAsync()
    {
        if (repaired) return;
        foreach (var entry in State.Open.Where(static e => e.Opening is not null).ToList())
        {
            if (entry != State.Current && !entry.Late) continue;
            var reply = await episodes.OpenAsync(entry.Opening!);
            if (reply.Code == RollbookCode.Ok) State = State.Opened(entry.Id);
            else if (reply.Code is RollbookCode.EpisodeExists or RollbookCode.EpisodeDeleted) State = State.Withdraw(entry.Id);
            else return;
        }

        // Whatever came after them: the current one, or one that has ended by now, or one that stands nowhere any more since it was deleted.
        await SupersedeAsync(State.Current?.Id ?? State.History.LastOrDefault()?.Summary.Id);
        repaired = State.Earlier.All(static e => e.Late);
    }

    // The news of an ending is one-way: an ending whose news was lost is found here. Gives what the current episode answered; null where there is none.
    private async Task<EpisodeView?> RefreshAsync()
    {
        EpisodeView? current = null;
        foreach (var entry in State.Open.ToList())
        {
            var view = await episodes.ReadAsync(KeyOf(entry.Id));
            if (view.Code == RollbookCode.Ok && view.Record!.Status != EpisodeStatus.Running) State = State.End(EpisodeSummary.Of(view.Record));
            else if (view.Code == RollbookCode.EpisodeDeleted) State = State.Drop(entry.Id);
            else if (entry.Id == State.Current?.Id) current = view;
        }

        return current;
    }

    // What another worker may have changed since this history learnt of it. Of an episode that another began, that worker's logger is told of scores and endings; and a lost
    // one may be resumed by any. All other endings are final. A read asks, so that no resume has to write here.
    private async Task<IReadOnlyList<EpisodeSummary>> PresentHistoryAsync()
    {
        Dictionary<EpisodeId, EpisodeSummary> running = [];
        foreach (var ending in State.History.Where(static e => e.Foreign || MayRunAgain(e.Summary)).ToList())
        {
            var view = await episodes.ReadAsync(KeyOf(ending.Summary.Id));
            if (view.Code == RollbookCode.EpisodeDeleted) State = State.Drop(ending.Summary.Id);
            if (view is not { Code: RollbookCode.Ok, Record: { } record }) continue;
            var summary = EpisodeSummary.Of(record);
            // Its last ending stays what the history holds: another follows.
            if (record.Status == EpisodeStatus.Running) running[summary.Id] = summary;
            else State = State.Renew(summary);
        }

        return [.. State.History.Select(e => running.GetValueOrDefault(e.Summary.Id, e.Summary))];
    }

    private static bool MayRunAgain(EpisodeSummary ended) => ended.Status == EpisodeStatus.Lost && ended.EndCause != Ending.DamagedCause;
}
