namespace Rollbook.Loggers;

/// <summary>
/// One worker: its pointer and its ten-item history. There is no transaction with the episodes: the pointer is written first, then the episode is opened,
/// then the unfinished one before it is superseded; every step can be repeated, and the first call repairs what a crash left between two of them.
/// Plain code that names no Orleans type: the grain forwards, and a seeded test crashes it between any two calls.
/// </summary>
/// <remarks>Calls come one after another, as a grain's turns do.</remarks>
internal sealed partial class LoggerOwner(ILoggerStore store, IEpisodes episodes, TimeProvider time)
{
    private static readonly TimeSpan WriterLife = TimeSpan.FromSeconds(30);

    private bool repaired;

    /// <summary>The state with what is known but not written yet, such as endings.</summary>
    public LoggerState State { get; private set; } = store.Stored;

    /// <summary>Whether the worker's episodes agree with its pointer; false also where nobody has looked yet.</summary>
    public bool Repaired => repaired;

    /// <summary>Whether something is known that is not written.</summary>
    public bool Dirty => !ReferenceEquals(State, store.Stored);

    /// <summary>Begins an episode and supersedes the worker's unfinished one.</summary>
    public async Task<StartReply> StartAsync(StartEpisode request)
    {
        await RepairAsync();
        if (Known(request) is { } known) return await RepeatAsync(request, known);
        if (await ForgottenAsync(request) is { } forgotten) return forgotten;
        var busy = await BusyAsync(request.Writer, request.Takeover || IsBehind(request), null);
        // From a spool it comes late: another live writer has the worker by now, and keeps it.
        if (busy is not null && (busy.Code != RollbookCode.WorkerBusy || !IsSpooled(request))) return busy;
        var entry = EntryOf(request, late: busy is not null || IsBehind(request));
        State = State.Begin(request.Project, request.Worker, entry);
        await WriteAsync();
        var reply = await episodes.OpenAsync(entry.Opening!);
        if (reply.Code is RollbookCode.EpisodeExists or RollbookCode.EpisodeDeleted)
        {
            State = State.Withdraw(entry.Id);
            await WriteAsync();
        }

        if (reply.Code != RollbookCode.Ok)
        {
            // The pointer names an episode that may not be open, and the one before is not superseded: the next call repairs both.
            repaired = false;
            return reply;
        }

        State = State.Opened(entry.Id);
        return reply with { Superseded = entry.Late ? null : await SupersedeAsync(entry.Id) };
    }

    /// <summary>Re-opens a lost episode on this worker, or gives its running one a new writer.</summary>
    public async Task<StartReply> ResumeAsync(ResumeEpisode request)
    {
        await RepairAsync();
        var view = await episodes.ReadAsync(new EpisodeKey(request.Project, request.EpisodeId));
        if (view.Code != RollbookCode.Ok) return new StartReply { Code = view.Code, RetryAfterSeconds = 1 };
        if (view.Record!.Status is not (EpisodeStatus.Running or EpisodeStatus.Lost)) return new StartReply { Code = RollbookCode.EpisodeEnded };
        var busy = await BusyAsync(request.Writer, request.Takeover, request.EpisodeId);
        if (busy is not null) return busy;
        var entry = new LoggerEntry
        {
            Id = request.EpisodeId,
            StartTime = view.Record.StartTime,
            Writer = request.Writer,
            IdempotencyKey = State.KeyOf(request.EpisodeId),
            BodyHash = view.Record.StartHash,
            Resumed = true,
            Foreign = view.Record.Worker != request.Worker,
        };
        State = State.Resume(request.Project, request.Worker, entry);
        await WriteAsync();
        var reply = await episodes.ResumeAsync(KeyOf(entry.Id), request.Writer);
        if (reply.Code != RollbookCode.Ok)
        {
            // It may have ended, or been sealed, since it was read: the repair finds out.
            repaired = false;
            return reply;
        }

        return reply with { Superseded = await SupersedeAsync(entry.Id) };
    }

    /// <summary>An ending is durable: the pointer moves to the history with the next write. Late news of an episode that runs again changes nothing.</summary>
    public void Ended(EpisodeSummary summary)
    {
        if (!State.Open.Any(e => e.Id == summary.Id && e.Resumed)) State = State.End(summary).Renew(summary);
    }

    /// <summary>
    /// The score of an ended episode is durable: what this knows of it is written before the score is acknowledged, since the news of the ending may still come, late and
    /// without the score.
    /// </summary>
    public async Task ScoredAsync(EpisodeSummary summary)
    {
        Ended(summary);
        // Also where the history is full of newer ones and only the stored one has it still, without the score.
        var stored = store.Stored.History.FirstOrDefault(e => e.Summary.Id == summary.Id);
        if (stored is null ? State.History.Any(e => e.Summary.Id == summary.Id) : stored.Summary.ScoreCount < summary.ScoreCount) await WriteAsync();
    }

    /// <summary>An episode was deleted: the pointer and the history name it no more, durably, when this returns.</summary>
    public async Task DropAsync(EpisodeId id)
    {
        State = State.Drop(id);
        if (!ReferenceEquals(store.Stored.Drop(id), store.Stored)) await WriteAsync();
    }

    /// <summary>Writes what is known.</summary>
    public Task WriteAsync() => store.WriteAsync(State);

    /// <summary>The pointer and the history, with every ending that is durable; an episode that another worker resumed shows as it is now.</summary>
    public async Task<LoggerView> ReadAsync()
    {
        if (State.Worker is null) return new LoggerView(RollbookCode.WorkerNotFound, null, []);
        await RepairAsync();
        EpisodeSummary? summary = null;
        if (await RefreshAsync() is { } view)
        {
            if (view.Code != RollbookCode.Ok) return new LoggerView(view.Code, null, []);
            summary = EpisodeSummary.Of(view.Record!);
        }

        return new LoggerView(RollbookCode.Ok, summary, await PresentHistoryAsync());
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
        var reply = await episodes.OpenAsync(opening);
        if (reply.Code == RollbookCode.Ok && known.Entry is { Late: false } && State.Current?.Id == known.Id)
            return reply with { Superseded = await SupersedeAsync(known.Id) };
        return reply;
    }

    // A client-minted start that this worker made and forgot: its episode answers, and the pointer stays where it is.
    private async Task<StartReply?> ForgottenAsync(StartEpisode request)
    {
        if (request.EpisodeId is not { } id) return null;
        var view = await episodes.ReadAsync(new EpisodeKey(request.Project, id));
        if (view.Code == RollbookCode.EpisodeNotFound) return null;
        if (view.Code != RollbookCode.Ok) return new StartReply { Code = view.Code, RetryAfterSeconds = 1 };
        // One that runs unnamed is named again by an ordinary start.
        if (view.Record!.Status == EpisodeStatus.Running && view.Record.Worker == request.Worker) return null;
        return await episodes.OpenAsync(Opening(request, id, view.Record.StartTime));
    }

    private async Task<StartReply?> BusyAsync(string? writer, bool takeover, EpisodeId? own)
    {
        var answer = await RefreshAsync();
        if (takeover || State.Current is not { } current || answer is not { } view || current.Writer == writer || current.Id == own) return null;
        if (view.Code is not (RollbookCode.Ok or RollbookCode.EpisodeNotFound))
            return new StartReply { Code = RollbookCode.Unavailable, RetryAfterSeconds = 1 };
        if (view.SecondsSinceWrite is not { } silence || silence >= WriterLife.TotalSeconds) return null;
        return new StartReply { Code = RollbookCode.WorkerBusy, RetryAfterSeconds = Math.Ceiling(WriterLife.TotalSeconds - silence) };
    }

    // Only a start that did without the server says both.
    private static bool IsSpooled(StartEpisode request) => request is { EpisodeId: not null, StartTime: not null };

    private bool IsBehind(StartEpisode request) => IsSpooled(request)
        && (State.Current?.StartTime > request.StartTime || (State.Current is null && State.History.Any(e => e.Summary.StartTime > request.StartTime)));

    private LoggerEntry EntryOf(StartEpisode request, bool late)
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
            Late = late,
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

    private EpisodeKey KeyOf(EpisodeId id) => new(State.Project!, id);
}
