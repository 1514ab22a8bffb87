using System.Runtime.CompilerServices;
using Rollbook.Archive;

namespace Rollbook.Testing;

/// <summary>An archive whose calls pass a gate. What a writer writes into a stream is part of its call.</summary>
/// <param name="inner">The store behind it.</param>
/// <param name="gate">Decides about each call.</param>
public sealed class GatedArchiveStore(IArchiveStore inner, CallGate gate) : DelegatingArchiveStore(inner)
{
    /// <inheritdoc/>
    public override async ValueTask<bool> PutAsync(string name, Func<Stream, CancellationToken, Task> write, CancellationToken cancellation)
    {
        // Outside of the call: a writer may read other objects meanwhile.
        using var content = new MemoryStream();
        await write(content, cancellation);
        return await gate.CallAsync(
            $"archive put {name}", () => Inner.PutAsync(name, (stream, token) => stream.WriteAsync(content.ToArray(), token).AsTask(), cancellation));
    }

    /// <inheritdoc/>
    public override ValueTask<string?> ReplaceAsync(string name, ReadOnlyMemory<byte> bytes, string? etag, CancellationToken cancellation) =>
        gate.CallAsync($"archive replace {name}", () => Inner.ReplaceAsync(name, bytes, etag, cancellation));

    /// <inheritdoc/>
    public override ValueTask<ArchiveObject?> OpenAsync(string name, CancellationToken cancellation) =>
        gate.CallAsync($"archive open {name}", () => Inner.OpenAsync(name, cancellation));

    /// <inheritdoc/>
    public override async IAsyncEnumerable<ArchiveEntry> ListAsync(string prefix, [EnumeratorCancellation] CancellationToken cancellation)
    {
        foreach (var entry in await gate.CallAsync($"archive list {prefix}", () => Inner.ListAsync(prefix, cancellation).ToListAsync(cancellation))) yield return entry;
    }

    /// <inheritdoc/>
    public override ValueTask<bool> DeleteAsync(string name, CancellationToken cancellation) =>
        gate.CallAsync($"archive delete {name}", () => Inner.DeleteAsync(name, cancellation));
}
