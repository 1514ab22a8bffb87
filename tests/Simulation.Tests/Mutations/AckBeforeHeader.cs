using Rollbook.Episodes;
using Rollbook.Simulation.Tests.Engine;

namespace Rollbook.Simulation.Tests.Mutations;

/// <summary>The header store says yes at once and writes later, or never: steps are acknowledged before the header names their log.</summary>
internal sealed class AckBeforeHeader : Mutation
{
    public override IHeaderStore Headers(World world, IHeaderStore store) => new Promising(world, store);

    private sealed class Promising(World world, IHeaderStore inner) : IHeaderStore
    {
        public ValueTask<EpisodeHeader?> ReadAsync(EpisodeKey key, CancellationToken cancellation) => inner.ReadAsync(key, cancellation);

        public async ValueTask<EpisodeHeader?> WriteAsync(EpisodeHeader header, CancellationToken cancellation)
        {
            var now = await inner.ReadAsync(header.Key, cancellation);
            if (now?.ETag != header.ETag) return null;
            if (world.Chance(0.9)) world.After(world.Between(0, 2), () => _ = inner.WriteAsync(header, CancellationToken.None).AsTask());
            return header with { ETag = "promised" };
        }
    }
}
