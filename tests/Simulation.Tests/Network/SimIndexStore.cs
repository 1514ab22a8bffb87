using Rollbook.StepLog;

namespace Rollbook.Simulation.Tests.Network;

/// <summary>The index store as one silo reaches it.</summary>
internal sealed class SimIndexStore(SimNetwork network, ILogIndexStore store) : ILogIndexStore
{
    public async ValueTask PutAsync(LogId log, string name, ReadOnlyMemory<byte> bytes, CancellationToken cancellation)
    {
        var copy = bytes.ToArray();
        await network.CallAsync(() => store.PutAsync(log, name, copy, CancellationToken.None));
    }

    public async ValueTask<byte[]?> GetAsync(LogId log, string name, CancellationToken cancellation) =>
        await network.CallAsync(() => store.GetAsync(log, name, CancellationToken.None));
}
