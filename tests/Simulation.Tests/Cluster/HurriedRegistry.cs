using Rollbook.Simulation.Tests.Engine;
using Rollbook.Simulation.Tests.Mutations;
using Rollbook.StepLog;

namespace Rollbook.Simulation.Tests.Cluster;

/// <summary>
/// The registry as a silo's archiver reaches it. Bad luck: now and then the archiver goes on to move its mark, and quickly, in the very moment in which another puts the
/// fence.
/// </summary>
internal sealed class HurriedRegistry(World world, ILogRegistry registry, SimStores stores, LogId own, Mutation mutation, SimClock clock, Func<bool> aboutToTrim, FenceSignal fences)
    : ILogRegistry
{
    private bool hurried;
    private bool lied;

    public ValueTask<bool> InsertAsync(LogRow row, CancellationToken cancellation) => registry.InsertAsync(row, cancellation);

    public async ValueTask<LogRow?> ReadAsync(LogId log, CancellationToken cancellation)
    {
        if (log != own) return await registry.ReadAsync(log, cancellation);
        hurried = aboutToTrim();
        lied = false;
        var pause = Task.Delay(world.Between(0, hurried ? 8 : 0.1), clock);
        await (hurried ? Task.WhenAny(pause, fences.Next(log)) : pause);
        var row = await (hurried ? stores.Registry : registry).ReadAsync(log, cancellation);
        if (row is not { State: LogState.Fencing } || !mutation.TrimsWhileFencing) return row;
        lied = true;
        return row with { State = LogState.Open };
    }

    public ValueTask<LogRow?> ReplaceAsync(LogRow row, CancellationToken cancellation)
    {
        if (row.Log != own) return registry.ReplaceAsync(row, cancellation);
        return (hurried ? stores.Registry : registry).ReplaceAsync(lied ? row with { State = LogState.Fencing } : row, cancellation);
    }

    public ValueTask<IReadOnlyList<LogRow>> ListAsync(IReadOnlyCollection<LogState> states, CancellationToken cancellation) => registry.ListAsync(states, cancellation);
}
