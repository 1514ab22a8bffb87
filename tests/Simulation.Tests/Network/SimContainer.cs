using Rollbook.Simulation.Tests.Engine;
using Rollbook.StepLog;

namespace Rollbook.Simulation.Tests.Network;

/// <summary>An object store as one silo reaches it. Now and then it refuses a conditional put for no reason.</summary>
internal sealed class SimContainer(World world, SimNetwork network, IObjectContainer store) : IObjectContainer
{
    private const double Patience = 3;

    public async ValueTask<bool> PutNewAsync(string name, ReadOnlyMemory<byte> bytes, CancellationToken cancellation)
    {
        var sent = bytes.ToArray();
        var refuses = world.Chance(network.Rates.Refused / 4);
        return await network.CallAsync(() => refuses ? ValueTask.FromResult(false) : store.PutNewAsync(name, sent, CancellationToken.None), Patience);
    }

    public async ValueTask PutAsync(string name, ReadOnlyMemory<byte> bytes, CancellationToken cancellation)
    {
        var sent = bytes.ToArray();
        await network.CallAsync(() => store.PutAsync(name, sent, CancellationToken.None), Patience);
    }

    public async ValueTask<byte[]?> GetAsync(string name, CancellationToken cancellation) =>
        await network.CallAsync(() => store.GetAsync(name, CancellationToken.None), Patience);

    public async ValueTask<int?> ReadAsync(string name, long offset, Memory<byte> into, CancellationToken cancellation)
    {
        // A second answer finds the caller's buffer in other use.
        var received = new byte[into.Length];
        var read = await network.CallAsync(() => store.ReadAsync(name, offset, received, CancellationToken.None), Patience);
        received.AsMemory(0, read ?? 0).CopyTo(into);
        return read;
    }

    public async ValueTask<ObjectPage> ListAsync(string prefix, string? page, CancellationToken cancellation) =>
        await network.CallAsync(() => store.ListAsync(prefix, page, CancellationToken.None), Patience);

    public async ValueTask DeleteAsync(string name, CancellationToken cancellation) =>
        await network.CallAsync(() => store.DeleteAsync(name, CancellationToken.None), Patience);
}
