using Rollbook.Archive;

namespace Rollbook.Simulation.Tests.Mutations;

/// <summary>A manifest is replaced whatever it says by now: what another published meanwhile counts no more.</summary>
internal sealed class ManifestWithoutCompare : Mutation
{
    public override IArchiveStore Archive(IArchiveStore store) => new Blind(store);

    private sealed class Blind(IArchiveStore inner) : ArchiveDecorator(inner)
    {
        public override async ValueTask<string?> ReplaceAsync(string name, ReadOnlyMemory<byte> bytes, string? etag, CancellationToken cancellation)
        {
            await using var stored = await Inner.OpenAsync(name, cancellation);
            return await Inner.ReplaceAsync(name, bytes, stored?.ETag, cancellation);
        }
    }
}
