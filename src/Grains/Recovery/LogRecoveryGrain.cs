using Rollbook.Hosting;
using Rollbook.StepLog;

namespace Rollbook.Recovery;

/// <inheritdoc cref="ILogRecoveryGrain"/>
[GrainType("log-recovery")]
internal sealed class LogRecoveryGrain(LogRecovery recovery, EpisodeNudges nudges, TimeProvider time) : Grain, ILogRecoveryGrain
{
    /// <summary>How long the pass may hold up an answer: short, since who waits tells a long pass from a silo that is gone by that there is one.</summary>
    public static readonly TimeSpan PassPatience = TimeSpan.FromSeconds(2);

    /// <summary>How long the waking of episodes may hold up an answer: a third of the time that a call may take.</summary>
    public static readonly TimeSpan RecoverPatience = TimeSpan.FromSeconds(10);

    private Task<int>? recovering;

    private LogId Log => LogId.Parse(this.GetPrimaryKeyString());

    /// <inheritdoc/>
    public Task<bool> Pass() => IsDoneAsync(recovery.PassAsync(Log), PassPatience);

    /// <inheritdoc/>
    public async Task<int> Recover()
    {
        if (recovering is null || recovering.IsCompleted) recovering = recovery.RecoverAsync(Log, nudges.NudgeAsync, CancellationToken.None).AsTask();
        var mine = recovering;
        return await IsDoneAsync(mine, RecoverPatience) ? await mine : 1;
    }

    private async Task<bool> IsDoneAsync(Task work, TimeSpan patience)
    {
        try
        {
            await work.WaitAsync(patience, time);
            return true;
        }
        catch (TimeoutException) when (!work.IsCompleted)
        {
            return false;
        }
    }
}
