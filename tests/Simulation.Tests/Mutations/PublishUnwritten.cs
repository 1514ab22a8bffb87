using Rollbook.Archive;

namespace Rollbook.Simulation.Tests.Mutations;

/// <summary>The log is freed although the manifest with its packs was not stored: every fifth change is answered before it is durable, and is not.</summary>
internal sealed class PublishUnwritten : Mutation
{
    public override IArchiveStore Archive(IArchiveStore store) => new Forgetful(store);

    private sealed class Forgetful(IArchiveStore inner) : ArchiveDecorator(inner)
    {
        private int calls;

        public override async ValueTask<string?> ReplaceAsync(string name, ReadOnlyMemory<byte> bytes, string? etag, CancellationToken cancellation) =>
            ++calls % 5 == 0 ? "forgotten" : await Inner.ReplaceAsync(name, bytes, etag, cancellation);
    }
}
