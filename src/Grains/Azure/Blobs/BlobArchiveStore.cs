using System.Globalization;
using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using Azure;
using Azure.Storage;
using Azure.Storage.Blobs;
using Azure.Storage.Blobs.Models;
using Rollbook.Archive;

namespace Rollbook.Azure;

/// <summary>
/// The archive in a container of Azure Blob Storage. A file is written to the local disk first and put by one request, so that it is there whole or not at all, and a
/// repeat after a lost answer sends the same bytes. Each write carries a number of its own, by which it knows itself where a repeat is refused.
/// </summary>
public sealed class BlobArchiveStore : IArchiveStore
{
    private const string Nonce = "rollbook_write";
    private const int Attempts = 4;

    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(200);

    private readonly BlobContainerClient _container;
    private readonly BlobContainerClient _once;
    private readonly FileCache _files;
    private readonly TimeProvider _time;

    /// <summary>Opens the archive.</summary>
    /// <param name="container">The container, for calls that may be sent again.</param>
    /// <param name="once">The same, for those that may not: its client sends each once.</param>
    /// <param name="files">Keeps files on the local disk.</param>
    /// <param name="time">Measures pauses.</param>
    public BlobArchiveStore(BlobContainerClient container, BlobContainerClient once, FileCache files, TimeProvider time) =>
        (_container, _once, _files, _time) = (container, once, files, time);

    /// <inheritdoc/>
    public async ValueTask<bool> PutAsync(string name, Func<Stream, CancellationToken, Task> write, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(write);
        ArchivePaths.Check(name);
        cancellation.ThrowIfCancellationRequested();
        var temporary = _files.NewTemporary();
        try
        {
            await using (var stream = new FileStream(temporary, FileMode.CreateNew, FileAccess.Write, FileShare.None, 256 << 10))
                await write(new ForwardStream(stream), cancellation);
            cancellation.ThrowIfCancellationRequested();
            if (!await UploadAsync(name, temporary, cancellation)) return false;
            // Who wrote it is the first to be asked about it.
            _files.Adopt(name, temporary);
            return true;
        }
        finally
        {
            File.Delete(temporary);
        }
    }

    /// <inheritdoc/>
    public async ValueTask<string?> ReplaceAsync(string name, ReadOnlyMemory<byte> bytes, string? etag, CancellationToken cancellation)
    {
        ArchivePaths.Check(name);
        cancellation.ThrowIfCancellationRequested();
        // The service calls an ETag that it can't have given a bad request instead of a condition that doesn't hold.
        if (etag is not null && !(etag.StartsWith('"') && etag.EndsWith('"'))) return null;
        var nonce = NewNonce();
        var options = Options(nonce, bytes.Length, etag is null ? new BlobRequestConditions { IfNoneMatch = ETag.All } : new BlobRequestConditions { IfMatch = new ETag(etag) });
        var isDoubtful = false;
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                return Text((await _once.GetBlobClient(name).UploadAsync(BinaryData.FromBytes(bytes), options, cancellation)).Value.ETag);
            }
            catch (RequestFailedException e) when (BlobErrors.IsConflict(e) || BlobErrors.IsMissing(e))
            {
                if (!isDoubtful) return null;
                // Refused by its own success, or by another's; or by another's after its own.
                return await FindAsync(name, nonce, cancellation) is { } own ? Text(own) : throw new TimeoutException($"Whether {name} was replaced is unknown.", e);
            }
            catch (Exception e) when (BlobErrors.IsDoubtful(e) && !cancellation.IsCancellationRequested && attempt < Attempts)
            {
                isDoubtful = true;
            }

            await Task.Delay(Pause * attempt, _time, cancellation);
        }
    }

    /// <inheritdoc/>
    public async ValueTask<ArchiveObject?> OpenAsync(string name, CancellationToken cancellation)
    {
        ArchivePaths.Check(name);
        var blob = _container.GetBlobClient(name);
        try
        {
            var head = await BlobReadStream.HeadAsync(blob, cancellation);
            var etag = Text(head.ETag);
            if (head.Length <= head.Bytes.Length) return new ArchiveObject(new MemoryStream(head.Bytes, writable: false), head.Length, () => etag);
            if (_files.TryOpen(name) is { } kept) return new ArchiveObject(kept, head.Length, () => etag);
            return new ArchiveObject(new BlobReadStream(blob, name, head), head.Length, () => etag);
        }
        catch (RequestFailedException e) when (BlobErrors.IsMissing(e))
        {
            return null;
        }
    }

    /// <inheritdoc/>
    public async IAsyncEnumerable<ArchiveEntry> ListAsync(string prefix, [EnumeratorCancellation] CancellationToken cancellation)
    {
        ArchivePaths.CheckPrefix(prefix);
        await foreach (var blob in _container.GetBlobsAsync(new GetBlobsOptions { Prefix = prefix }, cancellation))
            yield return new ArchiveEntry(blob.Name, blob.Properties.ContentLength ?? 0, blob.Properties.LastModified ?? default);
    }

    /// <inheritdoc/>
    public async ValueTask<bool> DeleteAsync(string name, CancellationToken cancellation)
    {
        ArchivePaths.Check(name);
        _files.Forget(name);
        try
        {
            await _container.GetBlobClient(name).DeleteAsync(cancellationToken: cancellation);
            return true;
        }
        catch (RequestFailedException e) when (BlobErrors.IsMissing(e))
        {
            return false;
        }
    }

    /// <inheritdoc/>
    public ValueTask<string> LocalPathAsync(string name, CancellationToken cancellation)
    {
        ArchivePaths.Check(name);
        return _files.PathAsync(name, path => DownloadAsync(name, path), cancellation);
    }

    private static string Text(ETag etag) => etag.ToString("H");

    private static string NewNonce() => RandomNumberGenerator.GetHexString(32, lowercase: true);

    private static BlobUploadOptions Options(string nonce, long length, BlobRequestConditions conditions) => new()
    {
        Conditions = conditions,
        Metadata = new Dictionary<string, string>(StringComparer.Ordinal) { [Nonce] = nonce },
        // One request whatever the length: blocks of two writers of one name would mix.
        TransferOptions = new StorageTransferOptions { InitialTransferSize = length + 1 },
    };

    private async Task<bool> UploadAsync(string name, string path, CancellationToken cancellation)
    {
        var nonce = NewNonce();
        await using var content = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, 256 << 10, useAsync: true);
        try
        {
            await _container.GetBlobClient(name).UploadAsync(content, Options(nonce, content.Length, new BlobRequestConditions { IfNoneMatch = ETag.All }), cancellation);
            return true;
        }
        catch (RequestFailedException e) when (BlobErrors.IsConflict(e))
        {
            return await FindAsync(name, nonce, cancellation) is not null;
        }
    }

    /// <summary>The ETag of what is stored if it is the write of this number.</summary>
    private async Task<ETag?> FindAsync(string name, string nonce, CancellationToken cancellation)
    {
        try
        {
            var stored = (await _container.GetBlobClient(name).GetPropertiesAsync(cancellationToken: cancellation)).Value;
            return stored.Metadata.TryGetValue(Nonce, out var written) && written == nonce ? stored.ETag : null;
        }
        catch (RequestFailedException e) when (BlobErrors.IsMissing(e))
        {
            return null;
        }
    }

    private async Task DownloadAsync(string name, string path)
    {
        try
        {
            await _container.GetBlobClient(name).DownloadToAsync(path, CancellationToken.None);
        }
        catch (RequestFailedException e) when (BlobErrors.IsMissing(e))
        {
            throw new FileNotFoundException(string.Create(CultureInfo.InvariantCulture, $"The archive has no '{name}'."), name, e);
        }
    }
}
