namespace Rollbook.Loggers;

/// <summary>
/// One worker: its pointer and its ten-item history. There is no transaction with the episodes: the pointer is written first, then the episode is opened,
/// then the unfinished one before it is superseded; every step can be repeated, and activation repairs what a crash left between two of them.
/// </summary>
[GrainType("logger")]
internal sealed class LoggerGrain(
    [PersistentState("logger", LoggerGrain.StorageName)] IPersistentState<LoggerState> state, TimeProvider time) : Grain, ILoggerGrain
{
    /// <summary>The name of the grain storage.</summary>
    public const string StorageName = "rollbook";

    private static readonly TimeSpan WriterLife = TimeSpan.FromSeconds(30);

    private bool dirty;
    private bool repaired;

    private LoggerState State
    {
        get => state.State;
        set
        {
            if (ReferenceEquals(value, state.State)) return;
            state.State = value;
            dirty = true;
        }
    }

    /// <inheritdoc/>
    public override async Task OnDeactivateAsync(DeactivationReason reason, CancellationToken cancellationToken)
    {
        if (dirty) await state.WriteStateAsync(cancellationToken);
    }

    /// <inheritdoc/>
    public async Task<StartReply> Start(StartEpisode request)
    {
        await RepairAsync();
        if (Known(request) is { } known) return await RepeatAsync(request, known);
        var busy = await BusyAsync(request.Writer, request.Takeover || IsLate(request), null);
        if (busy is not null) return busy;
        var entry = EntryOf(request);
        State = State.Begin(request.Project, request.Worker, entry);
        await WriteAsync();
        var reply = await Episode(entry.Id).Open(entry.Opening!);
        if (reply.Code == RollbookCode.EpisodeExists)
        {
            State = State.Withdraw(entry.Id);
            await WriteAsync();
        }

        if (reply.Code != RollbookCode.Ok) return reply;
        State = State.Opened(entry.Id);
        return reply with { Superseded = entry.Late ? null : await SupersedeAsync(entry.Id) };
    }

    /// <inheritdoc/>
    public async Task<StartReply> Resume(ResumeEpisode request)
    {
        await RepairAsync();
        var view = await Grain(request.Project, request.EpisodeId).Read();
        if (view.Code != RollbookCode.Ok) return new StartReply { Code = view.Code, RetryAfterSeconds = 1 };
        if (view.Record!.Status is not (EpisodeStatus.Running or EpisodeStatus.Lost)) return new StartReply { Code = RollbookCode.EpisodeEnded };
        var busy = await BusyAsync(request.Writer, request.Takeover, request.EpisodeId);
        if (busy is not null) return busy;
        var entry = new LoggerEntry
        {
            Id = request.EpisodeId, StartTime = view.Record.StartTime, Writer = request.Writer, BodyHash = view.Record.StartHash,
        };
        State = State.Resume(request.Project, request.Worker, entry);
        await WriteAsync();
        var reply = await Episode(entry.Id).Resume(request.Writer);
        if (reply.Code != RollbookCode.Ok)
        {
            // It may have ended, or been sealed, since it was read: the repair finds out.
            repaired = false;
            return reply;
        }

        return reply with { Superseded = await SupersedeAsync(entry.Id) };
    }

    /// <inheritdoc/>
    public Task Ended(EpisodeSummary summary)
    {
        State = State.End(summary);
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public async Task<LoggerView> Read()
    {
        if (State.Worker is null) return new LoggerView(RollbookCode.WorkerNotFound, null, []);
        await RepairAsync();
        await RefreshAsync();
        var current = State.Current;
        EpisodeSummary? summary = null;
        if (current is not null)
        {
            var view = await Episode(current.Id).Read();
            if (view.Code != RollbookCode.Ok) return new LoggerView(view.Code, null, []);
            summary = EpisodeSummary.Of(view.Record!);
        }

        return new LoggerView(RollbookCode.Ok, summary, [.. State.History.Select(static e => e.Summary)]);
    }

    // A repeat finds its entry for as long as the entry is kept; after that the episode's header answers by the id.
    private (EpisodeId Id, UInt128 BodyHash, LoggerEntry? Entry)? Known(StartEpisode request)
    {
        foreach (var entry in State.Open)
            if (Same(entry.Id, entry.IdempotencyKey)) return (entry.Id, entry.BodyHash, entry);
        foreach (var ending in State.History)
            if (Same(ending.Summary.Id, ending.IdempotencyKey)) return (ending.Summary.Id, ending.BodyHash, null);
        return null;

        bool Same(EpisodeId id, string? key) => id == request.EpisodeId || (key is not null && key == request.IdempotencyKey);
    }

    private async Task<StartReply> RepeatAsync(StartEpisode request, (EpisodeId Id, UInt128 BodyHash, LoggerEntry? Entry) known)
    {
        if (known.BodyHash != request.BodyHash)
            return new StartReply { Code = known.Id == request.EpisodeId ? RollbookCode.EpisodeExists : RollbookCode.IdempotencyConflict };
        var opening = known.Entry?.Opening ?? Opening(request, known.Id, known.Entry?.StartTime ?? 0);
        var reply = await Episode(known.Id).Open(opening);
        if (reply.Code == RollbookCode.Ok && known.Entry is { Late: false } && State.Current?.Id == known.Id)
            return reply with { Superseded = await SupersedeAsync(known.Id) };
        return reply;
    }

    private async Task<StartReply?> BusyAsync(string? writer, bool takeover, EpisodeId? own)
    {
        await RefreshAsync();
        if (takeover || State.Current is not { } current || current.Writer == writer || current.Id == own) return null;
        var view = await Episode(current.Id).Read();
        if (view.Code is not (RollbookCode.Ok or RollbookCode.EpisodeNotFound))
            return new StartReply { Code = RollbookCode.Unavailable, RetryAfterSeconds = 1 };
        if (view.SecondsSinceWrite is not { } silence || silence >= WriterLife.TotalSeconds) return null;
        return new StartReply { Code = RollbookCode.WorkerBusy, RetryAfterSeconds = Math.Ceiling(WriterLife.TotalSeconds - silence) };
    }

    private bool IsLate(StartEpisode request) =>
        request.EpisodeId is not null && request.StartTime is { } start
        && (State.Current?.StartTime > start || (State.Current is null && State.History.Any(e => e.Summary.StartTime > start)));

    private LoggerEntry EntryOf(StartEpisode request)
    {
        var id = request.EpisodeId ?? EpisodeId.New(time);
        var start = request.StartTime ?? time.GetUtcNow().ToUnixTimeMilliseconds() / 1000.0;
        return new LoggerEntry
        {
            Id = id,
            StartTime = start,
            Opening = Opening(request, id, start),
            Writer = request.Writer,
            IdempotencyKey = request.IdempotencyKey,
            BodyHash = request.BodyHash,
            Late = IsLate(request),
        };
    }

    private static OpenEpisode Opening(StartEpisode request, EpisodeId id, double start) => new()
    {
        Writer = request.Writer,
        Record = new EpisodeRecord
        {
            Key = new EpisodeKey(request.Project, id),
            Worker = request.Worker,
            Task = request.Task,
            VariantId = request.VariantId,
            StartTime = start,
            Metadata = request.Metadata,
            InitialObservation = request.InitialObservation,
            GroupId = request.GroupId,
            Attempt = request.Attempt,
            Seed = request.Seed,
            PolicyVersion = request.PolicyVersion,
            Environment = request.Environment,
            ParentEpisodeId = request.ParentEpisodeId,
            DeadlineSeconds = request.DeadlineSeconds ?? 1800,
            StartHash = request.BodyHash,
        },
    };

    private static EndEpisode SupersededBy(EpisodeId next) => new() { Status = EpisodeStatus.Superseded, Cause = $"superseded by {next}" };

    private async Task<EpisodeId?> SupersedeAsync(EpisodeId next)
    {
        EpisodeId? superseded = null;
        foreach (var earlier in State.Earlier.Where(static e => !e.Late).ToList())
        {
            if (earlier.Opening is { } opening)
            {
                // A start that crashed before it opened its episode: it is opened already ended, so that it is never seen running.
                var opened = await Episode(earlier.Id).Open(opening with { AlreadyEnded = SupersededBy(next) });
                if (opened.Code == RollbookCode.EpisodeExists) State = State.Withdraw(earlier.Id);
                if (opened.Code != RollbookCode.Ok) continue;
            }

            var reply = await Episode(earlier.Id).End(SupersededBy(next));
            if (reply.Code == RollbookCode.EpisodeNotFound) State = State.Withdraw(earlier.Id);
            if (reply.Code != RollbookCode.Ok) continue;
            if (reply.Record!.Status == EpisodeStatus.Superseded) superseded = earlier.Id;
            State = State.End(EpisodeSummary.Of(reply.Record));
        }

        return superseded;
    }

    // The current entry is opened only; each earlier one is opened, then superseded; all of it can be repeated.
    private async Task RepairAsync()
    {
        if (repaired) return;
        foreach (var entry in State.Open.Where(static e => e.Opening is not null).ToList())
        {
            if (entry != State.Current && !entry.Late) continue;
            var reply = await Episode(entry.Id).Open(entry.Opening!);
            if (reply.Code == RollbookCode.Ok) State = State.Opened(entry.Id);
            else if (reply.Code == RollbookCode.EpisodeExists) State = State.Withdraw(entry.Id);
            else return;
        }

        if (State.Current is { } current) await SupersedeAsync(current.Id);
        repaired = State.Earlier.All(static e => e.Late);
    }

    // The news of an ending is one-way: an ending whose news was lost is found here.
    private async Task RefreshAsync()
    {
        foreach (var entry in State.Open.ToList())
        {
            var view = await Episode(entry.Id).Read();
            if (view.Code == RollbookCode.Ok && view.Record!.Status != EpisodeStatus.Running) State = State.End(EpisodeSummary.Of(view.Record));
        }
    }

    private async Task WriteAsync()
    {
        try
        {
            await state.WriteStateAsync();
            dirty = false;
        }
        catch
        {
            // What is in memory may not be what is stored: the next activation reads it anew.
            dirty = false;
            DeactivateOnIdle();
            throw;
        }
    }

    private IEpisodeGrain Episode(EpisodeId id) => Grain(State.Project!, id);

    private IEpisodeGrain Grain(string project, EpisodeId id) =>
        GrainFactory.GetGrain<IEpisodeGrain>(new EpisodeKey(project, id).ToString());
}
