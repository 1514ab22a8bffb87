using System.Collections.Concurrent;
using Rollbook.Recovery;
using Rollbook.StepLog;

namespace Rollbook.Hosting;

/// <summary>What this silo does for all with the dead logs of which it is the reader. Nothing depends on its being the only one: a second one reads the log once more.</summary>
internal sealed class DeadLogService(LogRecovery recovery, EpisodeNudges nudges, TimeProvider time)
{
    /// <summary>How long the pass may hold up an answer: short, since who waits tells a long pass from a silo that is gone by that there is one.</summary>
    public static readonly TimeSpan PassPatience = TimeSpan.FromSeconds(2);

    /// <summary>How long the waking of episodes may hold up an answer: a third of the time that a call may take.</summary>
    public static readonly TimeSpan RecoverPatience = TimeSpan.FromSeconds(10);

    private readonly ConcurrentDictionary<LogId, Lazy<Task<int>>> recovering = new();

    /// <summary>Fences the log and reads it once, so that its indexes and tails are durable.</summary>
    /// <returns>0 when that is done; 1 where it takes longer than a call may: the caller asks again.</returns>
    public async Task<int> PassAsync(LogId log)
    {
        // Off the caller's context, which is a grain service's one thread: a log may be long.
        var pass = Task.Run(() => recovery.PassAsync(log));
        if (!await IsDoneAsync(pass, PassPatience)) return 1;
        await pass;
        return 0;
    }

    /// <summary>Wakes what the log left unfinished, and marks it as recovered where nothing is left. Whoever asks meanwhile shares the round.</summary>
    /// <returns>How many of its episodes are left, at least 1 while that goes on.</returns>
    public async Task<int> RecoverAsync(LogId log)
    {
        var round = recovering.GetOrAdd(log, _ => new Lazy<Task<int>>(() => Task.Run(async () => await recovery.RecoverAsync(log, nudges.NudgeAsync, CancellationToken.None))));
        if (!await IsDoneAsync(round.Value, RecoverPatience)) return 1;
        recovering.TryRemove(new(log, round));
        return await round.Value;
    }

    private async Task<bool> IsDoneAsync(Task work, TimeSpan patience)
    {
        await work.WaitAsync(patience, time).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext);
        return work.IsCompleted;
    }
}
