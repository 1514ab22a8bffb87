using Rollbook.Archive;

namespace Rollbook.Testing;

/// <summary>A broken store: a put takes the name from whoever has it.</summary>
/// <param name="inner">The right store.</param>
public sealed class OverwritingArchiveStore(IArchiveStore inner) : DelegatingArchiveStore(inner)
{
    /// <inheritdoc/>
    public override async ValueTask<bool> PutAsync(string name, Func<Stream, CancellationToken, Task> write, CancellationToken cancellation)
    {
        while (!await Inner.PutAsync(name, write, cancellation)) await Inner.DeleteAsync(name, cancellation);
        return true;
    }
}
