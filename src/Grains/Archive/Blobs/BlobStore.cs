using System.Buffers;
using System.Collections.Concurrent;

namespace Rollbook.Archive;

/// <summary>
/// Large values, each kept once under the SHA-256 of its bytes however many steps name it. A value that no step names is harmless: a writer may end between the two.
/// </summary>
internal sealed class BlobStore(IArchiveStore store)
{
    /// <summary>The largest value, 64 MiB.</summary>
    public const int MaxBytes = 64 * 1024 * 1024;

    private const int PieceBytes = 64 * 1024;

    private readonly KnownBlobs known = new();

    // A name may be visible before it is durable: whoever finds one that is being put waits for that.
    private readonly ConcurrentDictionary<string, Task> underway = new(StringComparer.Ordinal);

    /// <summary>Keeps a value, durable when it returns. Its bytes go to the store as they come.</summary>
    /// <param name="project">The tenant.</param>
    /// <param name="sha256">The hash that the caller says it has, 64 lower-case hexadecimal digits.</param>
    /// <param name="content">The bytes, read to the end also where the value is there already: the caller's word for the hash is not taken.</param>
    /// <param name="cancellation">Cancels; then nothing is said of the value.</param>
    /// <returns>How many bytes it has, and whether it is new.</returns>
    /// <exception cref="BlobHashException">The bytes have another hash; nothing was kept.</exception>
    /// <exception cref="TooLargeException">More than <see cref="MaxBytes"/>; nothing was kept.</exception>
    /// <exception cref="Rollbook.StepLog.StorageFullException">There is no room; nothing was kept.</exception>
    public async ValueTask<(long Bytes, bool IsNew)> PutAsync(string project, string sha256, Stream content, CancellationToken cancellation)
    {
        var name = ArchivePaths.Blob(project, sha256);
        if (await IsThereAsync(name, cancellation)) return (await CopyAsync(content, Stream.Null, sha256, cancellation), false);
        var bytes = 0L;
        var durable = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        // Of two that put the same at once each is the other's wait at most: the store decides which of them is kept.
        var registered = underway.TryAdd(name, durable.Task);
        try
        {
            var isNew = await store.PutAsync(name, async (target, token) => bytes = await CopyAsync(content, target, sha256, token), cancellation);
            if (!registered && underway.TryGetValue(name, out var first)) await first.WaitAsync(cancellation);
            known.Add(name);
            return (bytes, isNew);
        }
        finally
        {
            if (registered)
            {
                underway.TryRemove(name, out _);
                durable.SetResult();
            }
        }
    }

    /// <summary>Whether the value is there, durably.</summary>
    public ValueTask<bool> ExistsAsync(string project, string sha256, CancellationToken cancellation) =>
        IsThereAsync(ArchivePaths.Blob(project, sha256), cancellation);

    /// <summary>Opens a value to read; null where there is none.</summary>
    public ValueTask<ArchiveObject?> OpenAsync(string project, string sha256, CancellationToken cancellation) =>
        store.OpenAsync(ArchivePaths.Blob(project, sha256), cancellation);

    private async ValueTask<bool> IsThereAsync(string name, CancellationToken cancellation)
    {
        if (known.Contains(name)) return true;
        if (await store.OpenAsync(name, cancellation) is not { } found) return false;
        await found.DisposeAsync();
        if (underway.TryGetValue(name, out var put)) await put.WaitAsync(cancellation);
        known.Add(name);
        return true;
    }

    private static async Task<long> CopyAsync(Stream content, Stream target, string sha256, CancellationToken cancellation)
    {
        var piece = ArrayPool<byte>.Shared.Rent(PieceBytes);
        try
        {
            await using var hashed = new HashingStream(target);
            while (await content.ReadAsync(piece, cancellation) is var read and > 0)
            {
                if (hashed.Length + read > MaxBytes) throw TooLarge();
                await hashed.WriteAsync(piece.AsMemory(0, read), cancellation);
            }

            return hashed.Sha256 == sha256 ? hashed.Length : throw new BlobHashException(hashed.Sha256);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(piece);
        }
    }

    /// <summary>The refusal of a value over <see cref="MaxBytes"/>.</summary>
    public static TooLargeException TooLarge() => new($"A large value has at most {MaxBytes:N0} bytes (64 MiB). Store it elsewhere and record where.");
}
