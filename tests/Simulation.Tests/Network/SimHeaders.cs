using Rollbook.Episodes;
using Rollbook.Simulation.Tests.Engine;

namespace Rollbook.Simulation.Tests.Network;

/// <summary>The header store as one silo reaches it.</summary>
internal sealed class SimHeaders(World world, SimNetwork network, IHeaderStore store, Func<bool> moment) : IHeaderStore
{
    public async ValueTask<EpisodeHeader?> ReadAsync(EpisodeKey key, CancellationToken cancellation) =>
        await network.CallAsync(() => store.ReadAsync(key, CancellationToken.None));

    public async ValueTask<EpisodeHeader?> WriteAsync(EpisodeHeader header, CancellationToken cancellation)
    {
        moment();
        try
        {
            return await WriteOnceAsync(header);
        }
        catch (TimeoutException) when (world.Chance(0.5))
        {
            // A storage client that retries by itself: where the first try was applied the second says that the race was lost.
            return await WriteOnceAsync(header);
        }
    }

    private Task<EpisodeHeader?> WriteOnceAsync(EpisodeHeader header) => network.SendAsync(async () =>
    {
        var stored = await store.WriteAsync(header, CancellationToken.None);
        world.Log($"header {header.Key.Id.Value & 0xFF:x2} term {header.Term} -> log {header.Owner.Value & 0xFFFF:x4}: {(stored is null ? "lost" : "stored")}");
        return stored;
    });
}
