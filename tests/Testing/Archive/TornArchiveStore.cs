using Rollbook.Archive;

namespace Rollbook.Testing;

/// <summary>A broken store: what a writer had written when it failed is there under its name.</summary>
/// <param name="inner">The right store.</param>
public sealed class TornArchiveStore(IArchiveStore inner) : DelegatingArchiveStore(inner)
{
    /// <inheritdoc/>
    public override async ValueTask<bool> PutAsync(string name, Func<Stream, CancellationToken, Task> write, CancellationToken cancellation)
    {
        Exception? failure = null;
        var put = await Inner.PutAsync(
            name,
            async (stream, token) =>
            {
                try
                {
                    await write(stream, token);
                }
                catch (Exception error)
                {
                    failure = error;
                }
            },
            cancellation);
        return failure is null ? put : throw failure;
    }
}
