using Microsoft.Extensions.Logging;
using Rollbook.Episodes;
using Rollbook.StepLog;

namespace Rollbook.Recovery;

/// <summary>
/// Recovers dead logs, each once: fence, one pass, indexes and tails made durable, then the unfinished episodes are nudged until each belongs to
/// another log or has ended. Claims ask it for tails meanwhile: nothing waits for the nudging.
/// </summary>
/// <param name="registry">The rows of all logs.</param>
/// <param name="storage">Where the logs lie.</param>
/// <param name="indexes">Their indexes and tails.</param>
/// <param name="headers">Who has an episode.</param>
/// <param name="frames">Reads single frames.</param>
/// <param name="time">Tells how long a write may still be late.</param>
/// <param name="logger">Takes what people should know.</param>
/// <param name="reader">This silo's log, where it reads what it fences for all others; null: each reads for itself.</param>
public sealed partial class LogRecovery(
    ILogRegistry registry, IStepLogStorage storage, ILogIndexStore indexes, IHeaderStore headers, FrameSource frames, TimeProvider time, ILogger<LogRecovery> logger,
    LogId? reader = null)
{
    private const int NudgesAtOnce = 200;

    private readonly Lock gate = new();
    private readonly Dictionary<LogId, Task<DeadLog>> loaded = [];
    private readonly Dictionary<LogId, Task<DeadLog>> passes = [];
    private readonly LogLoader loader = new(registry, storage, indexes, logger, reader);
    private int unfencedLogs;

    /// <summary>
    /// Has the pass over a fenced log done by the silo that does it for the whole cluster, so that the log is read once, and tells whether that is another. Null, and after
    /// a failure: it is done here, from what is stored by then.
    /// </summary>
    public Func<LogRow, Task<bool>>? Ask { get; init; }

    /// <summary>
    /// How long after its first round of recovery a dead silo's last writes to the headers may still arrive; by default two minutes. Zero where they can't outlive the process.
    /// </summary>
    public TimeSpan LateWindow { get; init; } = LateWrites.Window;

    /// <summary>Dead logs that could not be fenced, or whose unfinished episodes are not all taken over yet.</summary>
    public int UnrecoveredLogs { get; private set; }

    /// <summary>Their unfinished episodes at the last round.</summary>
    public int UnrecoveredEpisodes { get; private set; }

    /// <summary>Fences every log that is not fenced yet and whose process is gone. One that can't be fenced at this time holds up no other.</summary>
    /// <param name="own">The log of this silo, which is alive.</param>
    /// <param name="peers">Knows who is dead.</param>
    /// <param name="cancellation">Ends it between two logs.</param>
    /// <returns>How many failed and are worth another try.</returns>
    public async ValueTask<int> FenceDeadAsync(LogId own, ILogPeers peers, CancellationToken cancellation)
    {
        var left = 0;
        var failed = 0;
        foreach (var row in await registry.ListAsync([LogState.Open, LogState.Fencing], cancellation))
        {
            if (row.Log == own) continue;
            cancellation.ThrowIfCancellationRequested();
            try
            {
                if (await peers.IsDeadAsync(row, cancellation)) await FenceAsync(row.Log, cancellation);
            }
            catch (LogVersionException newer)
            {
                LogLeft(newer, row.Log);
                left++;
            }
            catch (Exception failure) when (!cancellation.IsCancellationRequested)
            {
                LogNotFenced(failure, row.Log);
                failed++;
            }
        }

        unfencedLogs = left + failed;
        return failed;
    }

    /// <summary>Fences a log whose silo is dead, and sets a damaged chunk aside after three tries.</summary>
    public ValueTask<LogRow> FenceAsync(LogId log, CancellationToken cancellation) => loader.FenceAsync(log, cancellation);

    /// <summary>
    /// The tail that a dead log gives an episode at the end of a term. Found among the unfinished, else from its frames, such as its end.
    /// </summary>
    /// <returns>The tail (null where the log has no start of that term) and whether the log is damaged.</returns>
    public async ValueTask<(EpisodeTail? Tail, bool Damaged)> TailAsync(LogId log, EpisodeKey key, long term, CancellationToken cancellation)
    {
        var dead = await LoadAsync(log, cancellation);
        var tail = dead.Tails.Find(key, term)?.Copy();
        if (tail is null || dead.Damaged)
        {
            var entries = await dead.Index.CollectAsync(key, 0, int.MaxValue, cancellation);
            var folded = await FrameFold.TailAsync(frames, log, key, term, entries, dead.Damaged, cancellation);
            // The pass ends at the damaged place; an ending behind it proves the episode whole.
            if (tail is null || folded is { Ended: true }) tail = folded;
        }

        return (tail, dead.Damaged);
    }

    /// <summary>An episode's frames in a dead log from an ordinal on.</summary>
    public async ValueTask<(List<IndexEntry> Entries, bool Damaged)> FramesAsync(
        LogId log, EpisodeKey key, long from, int limit, CancellationToken cancellation)
    {
        var dead = await LoadAsync(log, cancellation);
        return (await dead.Index.CollectAsync(key, from, limit, cancellation), dead.Damaged);
    }

    /// <summary>Whether an episode ran in a dead log when it died: the pass knows, no frame is read. False = not, or only its frames can tell.</summary>
    internal async ValueTask<bool> RanAsync(LogId log, EpisodeKey key, long term, CancellationToken cancellation) =>
        await LoadAsync(log, cancellation) is { Damaged: false } dead && dead.Tails.Find(key, term) is { Ended: false };

    /// <summary>
    /// One round over all dead logs: recovers each as far as it goes at this time.
    /// </summary>
    /// <param name="own">The log of this silo, which is alive.</param>
    /// <param name="nudge">Wakes an episode's grain, and tells what term its header has reached, 0 where it has none; a failure, null, is the next round's matter.</param>
    /// <param name="cancellation">Ends the round between two episodes.</param>
    /// <returns>How many episodes are still unfinished in dead logs.</returns>
    public ValueTask<int> RoundAsync(LogId own, Func<EpisodeKey, Task<long?>> nudge, CancellationToken cancellation) =>
        RoundEachAsync(own, row => RecoverAsync(row.Log, nudge, cancellation), cancellation);

    /// <summary>One round over all dead logs, each recovered by whoever does it.</summary>
    /// <param name="own">The log of this silo, which is alive.</param>
    /// <param name="recover">Recovers one log, and tells how many of its episodes are left.</param>
    /// <param name="cancellation">Ends the round between two logs.</param>
    /// <returns>How many episodes are still unfinished in dead logs.</returns>
    public async ValueTask<int> RoundEachAsync(LogId own, Func<LogRow, ValueTask<int>> recover, CancellationToken cancellation)
    {
        var left = 0;
        var logs = 0;
        var rows = await registry.ListAsync([LogState.Fenced], cancellation);
        await DropRecoveredAsync([.. rows.Select(static r => r.Log)], cancellation);
        foreach (var row in rows)
        {
            if (row.Log == own) continue;
            cancellation.ThrowIfCancellationRequested();
            try
            {
                var unfinished = await recover(row);
                if (unfinished == 0) continue;
                left += unfinished;
            }
            catch (LogVersionException newer)
            {
                LogLeft(newer, row.Log);
            }
            catch (Exception failure) when (!cancellation.IsCancellationRequested)
            {
                // One log that can't be recovered at this time must not hold up the others.
                LogNotRecovered(failure, row.Log);
                left++;
            }

            logs++;
        }

        UnrecoveredLogs = logs + unfencedLogs;
        UnrecoveredEpisodes = left;
        return left;
    }

    /// <summary>
    /// Recovers a dead log as far as it goes at this time: loads it, nudges what it left unfinished and what no earlier call knows to be settled, and marks the log as
    /// Recovered where nothing is left.
    /// </summary>
    /// <returns>How many of its episodes are left.</returns>
    public async ValueTask<int> RecoverAsync(LogId log, Func<EpisodeKey, Task<long?>> nudge, CancellationToken cancellation)
    {
        var dead = await LoadAsync(log, cancellation);
        dead.Began(time.GetTimestamp());
        // Of a damaged log the pass doesn't know all endings.
        if (dead.Damaged) await SettleByHeadersAsync(dead, cancellation);
        foreach (var some in dead.Unsettled.Chunk(NudgesAtOnce))
        {
            cancellation.ThrowIfCancellationRequested();
            var terms = await Task.WhenAll(some.Select(nudge)).WaitAsync(cancellation);
            // By the term and not by the log: an activation that does not know yet that it was deposed may answer.
            for (var i = 0; i < some.Length; i++)
                if (terms[i] > dead.Tails.NewestTerm(some[i]) || (terms[i] == 0 && !MayArrive(dead))) dead.Settle(some[i]);
        }

        // What was woken has told. Of what fails again and again the header must be asked: it may be another's, or be of a newer release.
        if (dead.NextRound() > 1) await SettleByHeadersAsync(dead, cancellation);
        if (dead.UnsettledCount > 0) return dead.UnsettledCount;
        var row = await registry.ReadAsync(log, cancellation);
        if (row is not { State: LogState.Fenced } || await registry.ReplaceAsync(row with { State = LogState.Recovered }, cancellation) is null) return 0;
        DropTails(dead);
        LogRecovered(log, dead.End);
        return 0;
    }

    /// <summary>The pass over a dead log, by the one who does it for all: when it returns, indexes and tails are durable, and whoever loads the log finds them.</summary>
    public Task PassAsync(LogId log) => PassOnceAsync(log);

    private Task<DeadLog> PassOnceAsync(LogId log)
    {
        lock (gate)
        {
            if (passes.TryGetValue(log, out var running) && running is { IsFaulted: false, IsCanceled: false }) return running;
            return passes[log] = loader.LoadAsync(log, CancellationToken.None);
        }
    }

    private async ValueTask SettleByHeadersAsync(DeadLog dead, CancellationToken cancellation)
    {
        foreach (var key in dead.Unsettled)
            if (!await IsUnfinishedAsync(dead, key, cancellation)) dead.Settle(key);
    }

    private async ValueTask<bool> IsUnfinishedAsync(DeadLog dead, EpisodeKey key, CancellationToken cancellation)
    {
        var header = await headers.ReadAsync(key, cancellation);
        // The compare-and-swap of the newest start, or the episode's creation, may still arrive, since what a process has sent outlives it; and whoever had the episode was
        // stopped for it. A claim by anybody raises the term, behind which it can't be applied any more. Nobody claims what has ended, can't be claimed, or isn't there.
        if (header is null || (header.State == HeaderState.Open && header.Term < dead.Tails.NewestTerm(key))) return MayArrive(dead);
        if (header.State != HeaderState.Open) return false;
        return header.Owner == dead.Row.Log && dead.Tails.Find(key, header.Term) is { Ended: false }
            && !await EndedBehindDamageAsync(dead, key, header.Term, cancellation);
    }

    private bool MayArrive(DeadLog dead) => time.GetElapsedTime(dead.BeganAt) < LateWindow;

    private static async ValueTask<bool> EndedBehindDamageAsync(DeadLog dead, EpisodeKey key, long term, CancellationToken cancellation)
    {
        if (!dead.Damaged) return false;
        var entries = await dead.Index.CollectAsync(key, 0, int.MaxValue, cancellation);
        // A patch neither ends nor re-opens.
        return entries.FindLast(e => e.Term == term && e.Kind != FrameKind.Patch && e.Kind.CarriesTail()).Kind == FrameKind.End;
    }

    private Task<DeadLog> LoadAsync(LogId log, CancellationToken cancellation)
    {
        lock (gate)
        {
            if (loaded.TryGetValue(log, out var known) && !known.IsFaulted && !known.IsCanceled) return known.WaitAsync(cancellation);
            // Not the caller's token: others wait for the same pass.
            var task = AskAndLoadAsync(log);
            loaded[log] = task;
            return task.WaitAsync(cancellation);
        }
    }

    private async Task<DeadLog> AskAndLoadAsync(LogId log)
    {
        if (Ask is null) return await loader.LoadAsync(log, CancellationToken.None);
        var row = await FenceAsync(log, CancellationToken.None);
        try
        {
            if (await Ask(row)) return await loader.LoadAsync(log, CancellationToken.None);
        }
        catch (Exception failure)
        {
            LogNotAsked(failure, log);
        }

        return await PassOnceAsync(log);
    }

    /// <summary>The tails of a recovered log have done their work, and there may be 100,000 of them.</summary>
    private void DropTails(DeadLog dead)
    {
        lock (gate)
        {
            loaded[dead.Row.Log] = Task.FromResult(new DeadLog(dead.Row, dead.Index, new TailTable()));
            passes.Remove(dead.Row.Log);
        }
    }

    // Of logs that another silo has recovered, whoever has read them and whatever became of this silo's turn.
    private async ValueTask DropRecoveredAsync(HashSet<LogId> fenced, CancellationToken cancellation)
    {
        List<DeadLog> others;
        lock (gate)
        {
            others = [.. loaded.Values.Concat(passes.Values).Where(static t => t.IsCompletedSuccessfully).Select(static t => t.Result)
                .Where(d => d.Tails.Count > 0 && !fenced.Contains(d.Row.Log)).DistinctBy(static d => d.Row.Log)];
        }

        foreach (var dead in others)
            if (await registry.ReadAsync(dead.Row.Log, cancellation) is { State: >= LogState.Recovered }) DropTails(dead);
    }
}
