using Rollbook.StepLog;

namespace Rollbook.Archive;

/// <summary>Where immutable files and a few small changing objects are kept: a directory here, a bucket elsewhere.</summary>
/// <remarks>
/// <para>A name is letters, digits and <c>. _ = / -</c>; no part of it is empty, and it holds no <c>..</c>: everything else is refused with an
/// <see cref="ArgumentException"/>. No name is another's folder. <see cref="ArchivePaths"/> makes them all.</para>
/// <para>An exception means that the outcome is unknown, but for <see cref="StorageFullException"/>: then nothing was written. A cancelled call is unknown, too.</para>
/// <para>An object is there whole or not at all, and never changes under an open reader.</para>
/// </remarks>
public interface IArchiveStore
{
    /// <summary>Puts an object where there is none, durable when it returns.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="write">
    /// Fills the stream, which can't seek but tells its position; called once, also where the name turns out to be taken. The stream is the store's: it is not
    /// valid afterwards.
    /// </param>
    /// <param name="cancellation">Cancels.</param>
    /// <returns>False where the name is taken; then the bytes were dropped.</returns>
    /// <exception cref="StorageFullException">There is no room now; nothing was written.</exception>
    ValueTask<bool> PutAsync(string name, Func<Stream, CancellationToken, Task> write, CancellationToken cancellation);

    /// <summary>Replaces a small object if it is still the one that the caller saw, durable when it returns.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="bytes">The new content.</param>
    /// <param name="etag">What the caller saw; null = insert only.</param>
    /// <param name="cancellation">Cancels.</param>
    /// <returns>
    /// The new ETag, or null for a lost race. An ETag may stand for the content alone, so that content which comes back has its ETag again: what is changed this way
    /// should count its changes.
    /// </returns>
    /// <exception cref="StorageFullException">There is no room now; the object is as it was.</exception>
    ValueTask<string?> ReplaceAsync(string name, ReadOnlyMemory<byte> bytes, string? etag, CancellationToken cancellation);

    /// <summary>
    /// Opens an object to read; null where there is none. It stays readable though it is deleted or replaced meanwhile; a store behind a network may end the reading of one above 1 MiB
    /// with a <see cref="FileNotFoundException"/>: then what replaced it is opened.
    /// </summary>
    ValueTask<ArchiveObject?> OpenAsync(string name, CancellationToken cancellation);

    /// <summary>Everything whose name begins with a prefix, ordered by the bytes of the names. What is put or deleted meanwhile may be in it or not.</summary>
    /// <param name="prefix">Such as <c>projects/default/packs/</c>; empty = everything.</param>
    /// <param name="cancellation">Cancels.</param>
    IAsyncEnumerable<ArchiveEntry> ListAsync(string prefix, CancellationToken cancellation);

    /// <summary>Deletes an object, durable when it returns. False where there was none.</summary>
    ValueTask<bool> DeleteAsync(string name, CancellationToken cancellation);

    /// <summary>The path of a local file with an object's bytes, for engines that open files by themselves. It is to be read only.</summary>
    /// <exception cref="FileNotFoundException">There is no such object.</exception>
    ValueTask<string> LocalPathAsync(string name, CancellationToken cancellation);
}
