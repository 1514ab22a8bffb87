using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Rollbook.Recovery;
using Rollbook.StepLog;

namespace Rollbook.Cluster;

/// <summary>Has dead logs recovered by the one grain that each has in the cluster.</summary>
internal sealed partial class ClusterRecovery(IGrainFactory grains, IOptions<ClusterOptions> options, TimeProvider time, ILogger<ClusterRecovery> logger)
{
    private const int Tries = 3;
    private readonly TimeSpan call = TimeSpan.FromSeconds(options.Value.CallSeconds);

    /// <summary>
    /// Has the pass over a dead log done. Fails where its grain can't be reached, at once where it gives no answer: every claim and every read of what the log holds waits
    /// for this, and a silo that is cut off, or stands still, may count as alive for a long time.
    /// </summary>
    public async Task PassAsync(LogId log)
    {
        for (var failures = 0; ;)
        {
            try
            {
                if (await Grain(log).Pass().WaitAsync(LogRecoveryGrain.PassPatience + call, time)) return;
            }
            catch (Exception failure) when (failure is not TimeoutException && ++failures < Tries)
            {
                // The grain's silo may have died meanwhile: the next call finds another.
                LogNotAnswered(failure, log);
            }
        }
    }

    /// <summary>Has what a dead log left unfinished woken, and tells how much of it is left. Fails where nobody answers: the other logs wait for that.</summary>
    public async ValueTask<int> RecoverAsync(LogId log) => await Grain(log).Recover().WaitAsync(LogRecoveryGrain.RecoverPatience + call, time);

    private ILogRecoveryGrain Grain(LogId log) => grains.GetGrain<ILogRecoveryGrain>(log.ToString());

    [LoggerMessage(Level = LogLevel.Warning, Message = "The recovery of the dead log {Log} did not get on; it is tried again.")]
    private partial void LogNotAnswered(Exception failure, LogId log);
}
