using Microsoft.Extensions.Options;
using Rollbook.Hosting;
using Rollbook.StepLog;

namespace Rollbook.Cluster;

/// <summary>
/// Has each dead log read, and its episodes woken, by the one silo that its registry row names for that: whoever fenced it, or took it over from one that is gone. A
/// grain would not do, since while a silo's death is being noticed a directory may make two of it.
/// </summary>
internal sealed class ClusterRecovery(WriteAheadLog own, ILogRegistry registry, ClusterLogPeers peers, IOptions<ClusterOptions> options)
{
    private readonly TimeSpan call = TimeSpan.FromSeconds(options.Value.CallSeconds);

    /// <summary>
    /// Has the pass over a dead log done, if that is another's. One that gives no answer is relieved at once: every claim and every read of what the log holds waits for this,
    /// and a silo that is cut off, or stands still, may count as alive for a long time.
    /// </summary>
    /// <param name="dead">Its row, fenced.</param>
    /// <returns>True when another has done it; false where it is this silo's to do.</returns>
    public async Task<bool> PassAsync(LogRow dead)
    {
        while (await ReaderAsync(dead) is var (named, reader) && reader is not null)
        {
            dead = named;
            var answer = await peers.AskAsync(reader, service => service.Pass($"{reader.Log}", $"{dead.Log}"), DeadLogService.PassPatience + call, CancellationToken.None);
            if (answer is { Outcome: PeerOutcome.Ok, Left: 0 }) return true;
            if (answer is not { Outcome: PeerOutcome.Ok }) dead = await TakeAsync(dead);
        }

        return false;
    }

    /// <summary>Has what a dead log left unfinished woken, and tells how much of it is left.</summary>
    /// <param name="dead">Its row, fenced.</param>
    /// <param name="here">Does it in this silo.</param>
    public async ValueTask<int> RecoverAsync(LogRow dead, Func<LogId, Task<int>> here)
    {
        while (await ReaderAsync(dead) is var (named, reader) && reader is not null)
        {
            dead = named;
            var answer = await peers.AskAsync(reader, service => service.Recover($"{reader.Log}", $"{dead.Log}"), DeadLogService.RecoverPatience + call, CancellationToken.None);
            if (answer is { Outcome: PeerOutcome.Ok }) return answer.Left;
            dead = await TakeAsync(dead);
        }

        return await here(dead.Log);
    }

    /// <summary>The row of the silo that reads a dead log; null: this one does, or nobody needs to any more.</summary>
    private async ValueTask<(LogRow Dead, LogRow? Reader)> ReaderAsync(LogRow dead)
    {
        while (dead.Reader != own.Id && dead.State < LogState.Recovered)
        {
            if (dead.Reader is { } reader && await registry.ReadAsync(reader, CancellationToken.None) is { State: LogState.Open } row) return (dead, row);
            dead = await TakeAsync(dead);
        }

        return (dead, null);
    }

    // Where another was faster, it is that one.
    private async ValueTask<LogRow> TakeAsync(LogRow dead) =>
        await registry.ReplaceAsync(dead with { Reader = own.Id }, CancellationToken.None) ?? await registry.ReadAsync(dead.Log, CancellationToken.None) ?? dead;
}
