using System.Security.Cryptography;

namespace Rollbook.Archive;

/// <summary>Writes the files of packs and says what a manifest says of them.</summary>
internal sealed class PackFiles(IArchiveStore store)
{
    /// <summary>Writes a file where there is none of that name.</summary>
    /// <param name="name">A name that follows from the content, so that a file which is there already is the same one.</param>
    /// <param name="rows">Asked after the writing.</param>
    /// <param name="write">Writes the whole content.</param>
    /// <param name="cancellation">Ends it.</param>
    /// <param name="stored">
    /// Counts the rows of a file that was there already, where an earlier attempt may have known less than this one; null = it is the same for sure.
    /// </param>
    /// <exception cref="FileNotFoundException">It was deleted meanwhile, as of one that can't be published any more.</exception>
    public async ValueTask<ManifestFile> WriteAsync(
        string name, Func<long> rows, Func<Stream, CancellationToken, Task> write, CancellationToken cancellation,
        Func<Stream, long>? stored = null)
    {
        // The content is made where the caller runs, wherever the store does its work: making it is what costs.
        var here = TaskScheduler.Current;
        var isNew = await store.PutAsync(
            name, (stream, token) => Task.Factory.StartNew(() => write(stream, token), token, TaskCreationOptions.DenyChildAttach, here).Unwrap(), cancellation);
        // What counts is what is stored: it may be the file of an earlier attempt, made from the same stretch.
        await using var found = await store.OpenAsync(name, cancellation)
            ?? throw new FileNotFoundException($"The file {name} is gone from the archive right after it was written: whoever wrote it was replaced meanwhile.", name);
        var hash = await SHA256.HashDataAsync(found.Content, cancellation);
        var count = rows();
        if (!isNew && stored is not null)
        {
            found.Content.Seek(0, SeekOrigin.Begin);
            count = stored(found.Content);
        }

        return new ManifestFile(name, found.Length, count, Convert.ToHexStringLower(hash));
    }
}
