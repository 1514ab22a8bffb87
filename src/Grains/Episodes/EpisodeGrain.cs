using Orleans.Placement;
using Rollbook.Archive;

namespace Rollbook.Episodes;

/// <summary>
/// The shell of an <see cref="EpisodeOwner"/>: it forwards, tells the worker's LoggerGrain of endings, and goes when the owner is deposed or finished.
/// </summary>
[GrainType("episode"), Immovable]
internal sealed class EpisodeGrain : Grain, IEpisodeGrain
{
    private readonly EpisodeOwner owner;
    private readonly EpisodeKey key;
    private readonly ActiveEpisodes active;
    private readonly BlobCheck blobs;
    private readonly ActiveEpisode self;
    private bool keptAlive;

    public EpisodeGrain(RecorderCore core, ActiveEpisodes active, BlobCheck blobs, IGrainContext context, IGrainFactory grains)
    {
        this.active = active;
        this.blobs = blobs;
        key = EpisodeKey.Parse(context.GrainId.Key.ToString()!);
        // The deadline comes on a timer's thread: a call to itself brings it into the grain's turns. Grain.GrainFactory throws on that
        // thread, which would end the process.
        owner = new EpisodeOwner(key, core, OnEnded, () => _ = grains.GetGrain<IEpisodeGrain>(key.ToString()).Nudge(), OnScoredAsync);
        self = new ActiveEpisode(owner, (turn, state) => context.Scheduler.QueueAction(turn!, state!));
    }

    /// <inheritdoc/>
    public override Task OnActivateAsync(CancellationToken cancellationToken)
    {
        active.Add(key, self);
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public override Task OnDeactivateAsync(DeactivationReason reason, CancellationToken cancellationToken)
    {
        active.Remove(key, self);
        owner.Leave();
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public async Task<StartReply> Open(OpenEpisode request) => Settle(await owner.OpenAsync(request));

    /// <inheritdoc/>
    public async Task<StartReply> Resume(string? writer) => Settle(await owner.ResumeAsync(writer));

    /// <inheritdoc/>
    public ValueTask<AppendReply> Append(AppendSteps request)
    {
        if (BlobReferences.Any(request.Steps)) return AppendWithBlobs(request);
        var append = owner.AppendAsync(request);
        if (append.IsCompletedSuccessfully) return new ValueTask<AppendReply>(Settle(append.Result));
        return Settled(append);

        async ValueTask<AppendReply> Settled(ValueTask<AppendReply> pending) => Settle(await pending);
    }

    // Steps of the gateway come here unseen. A batch that waits for the look lets later ones pass, which are then told of a gap: who pipelines is told the same by
    // a batch that was lost.
    private async ValueTask<AppendReply> AppendWithBlobs(AppendSteps request) =>
        await blobs.RefusalAsync(key.Project, request.Steps) ?? Settle(await owner.AppendAsync(request));

    /// <inheritdoc/>
    public async ValueTask<EndReply> End(EndEpisode request) => Settle(await owner.EndAsync(request));

    /// <inheritdoc/>
    public async ValueTask<RollbookCode> Heartbeat(long? writerEpoch) => Settle(await owner.HeartbeatAsync(writerEpoch));

    /// <inheritdoc/>
    public async ValueTask<EpisodeView> Read() => Settle(await owner.ReadAsync());

    /// <inheritdoc/>
    public async ValueTask<StepPage> ReadSteps(long from, int maxSteps, TimeSpan wait) => Settle(await owner.ReadStepsAsync(from, maxSteps, wait));

    /// <inheritdoc/>
    public async ValueTask<IReadOnlyList<ScoreReply>> Score(IReadOnlyList<ScoreEvent> scores) => Settle(await owner.ScoreAsync(scores));

    /// <inheritdoc/>
    public async ValueTask<LabelReply> Label(LabelEvent labels) => Settle(await owner.LabelAsync(labels));

    /// <inheritdoc/>
    public async ValueTask<PatchReply> Patch(PatchEpisode patch) => Settle(await owner.PatchAsync(patch));

    /// <inheritdoc/>
    public async ValueTask<ScorePage> ReadScores(int from, int most) => Settle(await owner.ReadScoresAsync(from, most));

    /// <inheritdoc/>
    public async ValueTask<long?> Nudge()
    {
        var term = await owner.NudgeAsync();
        await owner.CheckDeadlineAsync();
        return Settle(term);
    }

    private void OnEnded(EpisodeRecord record)
    {
        // A logger that supersedes knows it already; it may be waiting for this very call.
        if (record.Status != EpisodeStatus.Superseded || record.ScoreCount > 0) _ = Logger(record.Worker).Ended(EpisodeSummary.Of(record));
    }

    // The logger may be waiting for this episode meanwhile: for a call that awaits no logger, and that interleaves with the score's.
    private async ValueTask<RollbookCode> OnScoredAsync(EpisodeRecord record) => await Logger(record.Worker).Scored(EpisodeSummary.Of(record));

    private ILoggerGrain Logger(string worker) => GrainFactory.GetGrain<ILoggerGrain>(LoggerKey.Of(key.Project, worker));

    private T Settle<T>(T reply)
    {
        if (owner.Deposed || !owner.Knows)
        {
            // At once: calls that are under way may keep it for long, and its turns take nothing any more.
            active.Remove(key, self);
            DeactivateOnIdle();
        }
        else if (owner.Finished == keptAlive)
        {
            // Kept alive for as long as it runs, whatever the silo's idle limit is; after the end the idle collection takes it.
            keptAlive = !owner.Finished;
            DelayDeactivation(keptAlive ? Timeout.InfiniteTimeSpan : TimeSpan.Zero);
        }

        return reply;
    }
}
