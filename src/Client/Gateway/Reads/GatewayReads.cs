using System.Runtime.CompilerServices;

namespace Rollbook.Client;

/// <summary>
/// Reads of episodes and workers. Each call is repeated until it has a final answer or the time is over; a stream knows its next ordinal, and so goes on behind the last
/// step when the owner moves or the recorder comes back.
/// </summary>
internal sealed class GatewayReads(ClientCore core)
{
    // The owner ends a page at about 1 MiB; small steps and events are bounded by their number instead.
    private const int PageSteps = 1_000;
    private const int PageScores = 1_000;

    // A silo that stops waits for its grains' calls: polls are short, so that a stop is.
    private static readonly TimeSpan Poll = TimeSpan.FromSeconds(1);

    private readonly GatewayTries tries = new(core);

    /// <summary>An episode as its owner sees it.</summary>
    public async Task<EpisodeState> ReadAsync(EpisodeId id, CancellationToken cancellationToken)
    {
        var what = $"The read of episode {id}";
        var view = await tries.CallAsync(what, core.Route(id).Grain.Read, static view => (view.Code, 0), cancellationToken).ConfigureAwait(false);
        if (view.Record is not { } record) throw Refused(view.Code, what);
        TimeSpan? silence = view.SecondsSinceWrite is { } seconds ? TimeSpan.FromSeconds(seconds) : null;
        return new EpisodeState(record, view.Summary ?? StepSummary.Empty, view.WriterEpoch, silence);
    }

    /// <summary>The steps that are recorded now.</summary>
    /// <param name="id">The episode.</param>
    /// <param name="from">The first ordinal.</param>
    /// <param name="count">At most so many.</param>
    /// <param name="exact">A record said that so many are there: fewer are no answer.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    public async IAsyncEnumerable<RecordedStep> ReadStepsAsync(
        EpisodeId id, long from, long count, bool exact, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var grain = core.Route(id).Grain;
        var next = from;
        while (count > 0)
        {
            var what = $"The read of the steps of episode {id} from {next}";
            var page = await tries.CallAsync(
                what,
                () => grain.ReadSteps(next, (int)Math.Min(count, PageSteps), TimeSpan.Zero),
                page => (exact && page is { Code: RollbookCode.Ok, Steps.Count: 0 } ? RollbookCode.Unavailable : page.Code, 0),
                cancellationToken).ConfigureAwait(false);
            for (var rest = page.Steps.Bytes; !rest.IsEmpty;) yield return RecordedStep.Take(ref rest, next++);
            if (page.Code != RollbookCode.Ok) throw Refused(page.Code, what);
            count -= page.Steps.Count;
            if (page.Steps.Count == 0 || page.Ended) break;
        }
    }

    /// <summary>The steps as they come, then the ended episode's record.</summary>
    public async IAsyncEnumerable<TailEvent> TailAsync(EpisodeId id, long from, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var grain = core.Route(id).Grain;
        var next = from;
        var hasty = 0;
        while (true)
        {
            var what = $"The tail of episode {id} from {next}";
            var asked = core.Time.GetTimestamp();
            var page = await tries.CallAsync(what, () => grain.ReadSteps(next, PageSteps, Poll), static page => (page.Code, 0), cancellationToken).ConfigureAwait(false);
            for (var rest = page.Steps.Bytes; !rest.IsEmpty;) yield return new TailEvent(RecordedStep.Take(ref rest, next++), null);
            if (page.Code != RollbookCode.Ok) throw Refused(page.Code, what);
            if (page.Ended)
            {
                var record = (await ReadAsync(id, cancellationToken).ConfigureAwait(false)).Record;
                // A lost episode may have been resumed since the page was read, and have ended again.
                if (record.Status != EpisodeStatus.Running && record.StepCount <= next)
                {
                    yield return new TailEvent(null, record);
                    yield break;
                }
            }

            // The owner waits for the next step; one that is about to move doesn't.
            hasty = page.Steps.Count == 0 && core.Time.GetElapsedTime(asked) < Poll / 2 ? hasty + 1 : 0;
            if (hasty > 0) await Task.Delay(core.Pauses.After(hasty), core.Time, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>The score events, oldest first.</summary>
    public async IAsyncEnumerable<ScoreEvent> ReadScoresAsync(EpisodeId id, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var grain = core.Route(id).Grain;
        var what = $"The read of the scores of episode {id}";
        for (var next = 0; ;)
        {
            var from = next;
            var page = await tries.CallAsync(what, () => grain.ReadScores(from, PageScores), static page => (page.Code, 0), cancellationToken).ConfigureAwait(false);
            foreach (var score in page.Scores) yield return score;
            if (page.Code != RollbookCode.Ok) throw Refused(page.Code, what);
            if (page.Scores.Count == 0) break;
            next += page.Scores.Count;
        }
    }

    /// <summary>A worker's pointer and history; null where it never started an episode.</summary>
    public async Task<WorkerEpisodes?> ReadWorkerAsync(string worker, CancellationToken cancellationToken)
    {
        var grain = core.Grains.GetGrain<ILoggerGrain>(LoggerKey.Of(core.Options.Project, StartRequests.Worker(worker)));
        var what = $"The read of worker {worker}";
        var view = await tries.CallAsync(what, () => new ValueTask<LoggerView>(grain.Read()), static view => (view.Code, 0), cancellationToken).ConfigureAwait(false);
        return view.Code switch
        {
            RollbookCode.Ok => new WorkerEpisodes(worker, view.Current, view.History),
            RollbookCode.WorkerNotFound => null,
            _ => throw Refused(view.Code, what),
        };
    }

    /// <summary>The episode that a worker's four reads show: its current one, else the last that ended; null where there is none.</summary>
    public async Task<EpisodeId?> LatestAsync(string worker, CancellationToken cancellationToken)
    {
        var episodes = await ReadWorkerAsync(worker, cancellationToken).ConfigureAwait(false);
        return episodes?.Current?.Id ?? (episodes?.History is [.., var last] ? last.Id : null);
    }

    /// <summary>An episode whole.</summary>
    public async Task<Trajectory> ReadTrajectoryAsync(EpisodeId id, CancellationToken cancellationToken)
    {
        var record = (await ReadAsync(id, cancellationToken).ConfigureAwait(false)).Record;
        var steps = ReadStepsAsync(id, 0, record.StepCount, exact: true, cancellationToken);
        return Trajectory.Of(record, await steps.ToListAsync(cancellationToken).ConfigureAwait(false));
    }

    /// <summary>Something of each step of an episode.</summary>
    public async Task<IReadOnlyList<T>> ReadEachAsync<T>(EpisodeId id, Func<Step, T> of, CancellationToken cancellationToken)
    {
        var steps = ReadStepsAsync(id, 0, long.MaxValue, exact: false, cancellationToken);
        return await steps.Select(step => of(step.Step)).ToListAsync(cancellationToken).ConfigureAwait(false);
    }

    private static RollbookException Refused(RollbookCode code, string what) =>
        code == RollbookCode.Damaged ? new DamagedLogException(what) : Refusal.Of(code, what);
}
