using Microsoft.Extensions.Logging;
using Rollbook.Recovery;
using Rollbook.StepLog;

namespace Rollbook.Cluster;

/// <summary>Has dead logs recovered by the one grain that each has in the cluster.</summary>
internal sealed partial class ClusterRecovery(IGrainFactory grains, ILogger<ClusterRecovery> logger)
{
    private const int Tries = 3;

    /// <summary>Has the pass over a dead log done. Fails where its grain can't be reached.</summary>
    public async Task PassAsync(LogId log)
    {
        for (var failures = 0; ;)
        {
            try
            {
                if (await Grain(log).Pass()) return;
            }
            catch (Exception failure) when (++failures < Tries)
            {
                // The grain's silo may have died meanwhile: the next call finds another.
                LogNotAnswered(failure, log);
            }
        }
    }

    /// <summary>Has what a dead log left unfinished woken, and tells how much of it is left.</summary>
    public async ValueTask<int> RecoverAsync(LogId log) => await Grain(log).Recover();

    private ILogRecoveryGrain Grain(LogId log) => grains.GetGrain<ILogRecoveryGrain>(log.ToString());

    [LoggerMessage(Level = LogLevel.Warning, Message = "The recovery of the dead log {Log} did not get on; it is tried again.")]
    private partial void LogNotAnswered(Exception failure, LogId log);
}
