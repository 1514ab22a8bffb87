using Rollbook.Simulation.Tests.Engine;
using Rollbook.StepLog;

namespace Rollbook.Simulation.Tests.Network;

/// <summary>The registry as one silo reaches it.</summary>
internal sealed class SimRegistry(World world, SimNetwork network, ILogRegistry store) : ILogRegistry
{
    public async ValueTask<bool> InsertAsync(LogRow row, CancellationToken cancellation) =>
        await network.CallAsync(() => store.InsertAsync(row, CancellationToken.None));

    public async ValueTask<LogRow?> ReadAsync(LogId log, CancellationToken cancellation) =>
        await network.CallAsync(() => store.ReadAsync(log, CancellationToken.None));

    public async ValueTask<LogRow?> ReplaceAsync(LogRow row, CancellationToken cancellation) => await network.SendAsync(async () =>
    {
        var stored = await store.ReplaceAsync(row, CancellationToken.None);
        if (stored is not null) world.Log($"log {row.Log.Value & 0xFFFF:x4} {row.State} fence {row.Fence} trimmed to {row.TrimmedTo}");
        return stored;
    });

    public async ValueTask<IReadOnlyList<LogRow>> ListAsync(IReadOnlyCollection<LogState> states, CancellationToken cancellation) =>
        await network.CallAsync(() => store.ListAsync(states, CancellationToken.None));
}
