namespace Rollbook.Loggers;

/// <summary>
/// A worker's pointer and history. Immutable: each change is a pure function that gives the next state, and the grain decides when it is written.
/// </summary>
[GenerateSerializer, Immutable, Alias("rollbook.LoggerState")]
internal sealed record LoggerState
{
    /// <summary>How many endings the history holds.</summary>
    public const int HistoryLength = 10;

    /// <summary>The worker's own name; null before its first start.</summary>
    [Id(0)] public string? Worker { get; init; }

    /// <summary>The tenant.</summary>
    [Id(1)] public string? Project { get; init; }

    /// <summary>The pointer; null = idle.</summary>
    [Id(2)] public LoggerEntry? Current { get; init; }

    /// <summary>Earlier episodes that are not known to have ended, oldest first.</summary>
    [Id(3)] public IReadOnlyList<LoggerEntry> Earlier { get; init; } = [];

    /// <summary>At most ten endings, oldest first by start time.</summary>
    [Id(4)] public IReadOnlyList<LoggerEnding> History { get; init; } = [];

    /// <summary>All entries that are not known to have ended.</summary>
    public IEnumerable<LoggerEntry> Open => Current is null ? Earlier : Earlier.Append(Current);

    /// <summary>The idempotency key of an episode's start; null = none given, or forgotten.</summary>
    public string? KeyOf(EpisodeId id) =>
        Open.FirstOrDefault(e => e.Id == id)?.IdempotencyKey ?? History.FirstOrDefault(e => e.Summary.Id == id)?.IdempotencyKey;

    /// <summary>Points at a new episode; the one before waits among the earlier ones.</summary>
    public LoggerState Begin(string project, string worker, LoggerEntry entry) => entry.Late
        ? this with { Project = project, Worker = worker, Earlier = [.. Earlier, entry] }
        : this with { Project = project, Worker = worker, Earlier = Current is null ? Earlier : [.. Earlier, Current], Current = entry };

    /// <summary>Takes a start back that never opened its episode: the pointer names the one before again.</summary>
    public LoggerState Withdraw(EpisodeId id)
    {
        if (Current?.Id != id) return this with { Earlier = [.. Earlier.Where(e => e.Id != id)] };
        var before = Earlier.LastOrDefault(static e => !e.Late);
        return this with { Current = before, Earlier = [.. Earlier.Where(e => e != before)] };
    }

    /// <summary>An episode is known to be open: what opens it needs not be kept.</summary>
    public LoggerState Opened(EpisodeId id) => Change(id, static entry => entry with { Opening = null });

    /// <summary>An episode has a new writer.</summary>
    public LoggerState Written(EpisodeId id, string? writer) => Change(id, entry => entry with { Writer = writer });

    /// <summary>
    /// An ending is durable: the entry moves to the history in the order of start times, which keeps ten. An episode that the worker never began, or that stands there, changes nothing.
    /// </summary>
    public LoggerState End(EpisodeSummary summary)
    {
        var entry = Open.FirstOrDefault(e => e.Id == summary.Id);
        if (entry is null) return this;
        var ending = new LoggerEnding { Summary = summary, IdempotencyKey = entry.IdempotencyKey, BodyHash = entry.BodyHash, Foreign = entry.Foreign };
        var history = History.Append(ending).OrderBy(static e => e.Summary.StartTime).ThenBy(static e => e.Summary.Id);
        return this with
        {
            Current = Current?.Id == summary.Id ? null : Current,
            Earlier = [.. Earlier.Where(e => e.Id != summary.Id)],
            History = [.. history.TakeLast(HistoryLength)],
        };
    }

    /// <summary>
    /// News of an ended episode of the history, which was scored or, having been lost, has ended again: it shows the newer summary, so that news in any order comes to the
    /// same. The very same state where it has it already.
    /// </summary>
    public LoggerState Renew(EpisodeSummary summary) => !History.Any(e => IsOlder(e, summary)) ? this : this with
    {
        History = [.. History.Select(e => IsOlder(e, summary) ? e with { Summary = summary } : e)],
    };

    /// <summary>An episode goes on: out of the history (or from another worker), current again; the one before waits among the earlier ones.</summary>
    public LoggerState Resume(string project, string worker, LoggerEntry entry) => this with
    {
        Project = project,
        Worker = worker,
        History = [.. History.Where(e => e.Summary.Id != entry.Id)],
        Earlier = [.. Open.Where(e => e.Id != entry.Id)],
        Current = entry,
    };

    /// <summary>An episode was deleted: it stands nowhere any more. The very same state where it stood nowhere.</summary>
    public LoggerState Drop(EpisodeId id) => !Open.Any(e => e.Id == id) && !History.Any(e => e.Summary.Id == id) ? this : this with
    {
        Current = Current?.Id == id ? null : Current,
        Earlier = [.. Earlier.Where(e => e.Id != id)],
        History = [.. History.Where(e => e.Summary.Id != id)],
    };

    // Scores and steps only come on top, and only a lost ending is followed by another: of two summaries one is at least the other in all of them.
    private static bool IsOlder(LoggerEnding ending, EpisodeSummary summary) =>
        ending.Summary.Id == summary.Id
        && (ending.Summary.ScoreCount < summary.ScoreCount
            || ending.Summary.StepCount < summary.StepCount
            || (ending.Summary.Status == EpisodeStatus.Lost && summary.Status != EpisodeStatus.Lost));

    private LoggerState Change(EpisodeId id, Func<LoggerEntry, LoggerEntry> change) => this with
    {
        Current = Current?.Id == id ? change(Current) : Current,
        Earlier = [.. Earlier.Select(e => e.Id == id ? change(e) : e)],
    };
}
