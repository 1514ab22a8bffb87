using System.Runtime.CompilerServices;
using Rollbook.Archive;

namespace Rollbook.Simulation.Tests.Network;

/// <summary>The archive's store as one silo reaches it. Files come and go whole, as with an object store.</summary>
internal sealed class SimArchiveStore(SimNetwork network, IArchiveStore store) : IArchiveStore
{
    public async ValueTask<bool> PutAsync(string name, Func<Stream, CancellationToken, Task> write, CancellationToken cancellation)
    {
        using var content = new MemoryStream();
        await write(content, CancellationToken.None);
        var bytes = content.ToArray();
        return await network.CallAsync(() => store.PutAsync(name, (stream, _) => stream.WriteAsync(bytes, CancellationToken.None).AsTask(), CancellationToken.None));
    }

    public async ValueTask<string?> ReplaceAsync(string name, ReadOnlyMemory<byte> bytes, string? etag, CancellationToken cancellation)
    {
        var copy = bytes.ToArray();
        return await network.CallAsync(() => store.ReplaceAsync(name, copy, etag, CancellationToken.None));
    }

    public async ValueTask<ArchiveObject?> OpenAsync(string name, CancellationToken cancellation) =>
        await network.CallAsync(() => store.OpenAsync(name, CancellationToken.None));

    public async IAsyncEnumerable<ArchiveEntry> ListAsync(string prefix, [EnumeratorCancellation] CancellationToken cancellation)
    {
        var entries = await network.SendAsync(() => store.ListAsync(prefix, CancellationToken.None).ToListAsync(CancellationToken.None).AsTask());
        foreach (var entry in entries) yield return entry;
    }

    public async ValueTask<bool> DeleteAsync(string name, CancellationToken cancellation) =>
        await network.CallAsync(() => store.DeleteAsync(name, CancellationToken.None));

    public ValueTask<string> LocalPathAsync(string name, CancellationToken cancellation) => throw new InvalidOperationException("Nobody queries in the simulation.");
}
