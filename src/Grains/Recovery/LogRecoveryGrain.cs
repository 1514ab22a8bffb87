using Rollbook.Hosting;
using Rollbook.StepLog;

namespace Rollbook.Recovery;

/// <inheritdoc cref="ILogRecoveryGrain"/>
[GrainType("log-recovery")]
internal sealed class LogRecoveryGrain(LogRecovery recovery, EpisodeNudges nudges, TimeProvider time) : Grain, ILogRecoveryGrain
{
    // A third of the time that a call may take.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    private Task<int>? recovering;

    private LogId Log => LogId.Parse(this.GetPrimaryKeyString());

    /// <inheritdoc/>
    public Task<bool> Pass() => IsDoneAsync(recovery.PassAsync(Log));

    /// <inheritdoc/>
    public async Task<int> Recover()
    {
        if (recovering is null || recovering.IsCompleted) recovering = recovery.RecoverAsync(Log, nudges.NudgeAsync, CancellationToken.None).AsTask();
        var mine = recovering;
        return await IsDoneAsync(mine) ? await mine : 1;
    }

    private async Task<bool> IsDoneAsync(Task work)
    {
        try
        {
            await work.WaitAsync(Patience, time);
            return true;
        }
        catch (TimeoutException) when (!work.IsCompleted)
        {
            return false;
        }
    }
}
