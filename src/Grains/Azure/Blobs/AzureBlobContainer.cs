using Azure;
using Azure.Storage;
using Azure.Storage.Blobs;
using Azure.Storage.Blobs.Models;
using Rollbook.StepLog;

namespace Rollbook.Azure;

/// <summary>A container of Azure Blob Storage: block blobs, each put by one request.</summary>
/// <param name="container">Its client must not send a call again by itself, else the time-out of a try is not one.</param>
public sealed class AzureBlobContainer(BlobContainerClient container) : IObjectContainer
{
    /// <inheritdoc/>
    public async ValueTask<bool> PutNewAsync(string name, ReadOnlyMemory<byte> bytes, CancellationToken cancellation)
    {
        try
        {
            await UploadAsync(name, bytes, new BlobRequestConditions { IfNoneMatch = ETag.All }, cancellation);
            return true;
        }
        catch (RequestFailedException e) when (BlobErrors.IsConflict(e))
        {
            return false;
        }
        catch (Exception e) when (IsUnanswered(e, cancellation))
        {
            throw Unanswered(name, e);
        }
    }

    /// <inheritdoc/>
    public async ValueTask PutAsync(string name, ReadOnlyMemory<byte> bytes, CancellationToken cancellation)
    {
        try
        {
            await UploadAsync(name, bytes, null, cancellation);
        }
        catch (Exception e) when (IsUnanswered(e, cancellation))
        {
            throw Unanswered(name, e);
        }
    }

    /// <inheritdoc/>
    public async ValueTask<byte[]?> GetAsync(string name, CancellationToken cancellation)
    {
        try
        {
            using var answer = (await container.GetBlobClient(name).DownloadStreamingAsync(cancellationToken: cancellation)).Value;
            var bytes = new byte[answer.Details.ContentLength];
            await answer.Content.ReadExactlyAsync(bytes, cancellation);
            return bytes;
        }
        catch (RequestFailedException e) when (BlobErrors.IsMissing(e))
        {
            return null;
        }
        catch (Exception e) when (IsUnanswered(e, cancellation))
        {
            throw Unanswered(name, e);
        }
    }

    /// <inheritdoc/>
    public async ValueTask<int?> ReadAsync(string name, long offset, Memory<byte> into, CancellationToken cancellation)
    {
        try
        {
            var options = new BlobDownloadOptions { Range = new HttpRange(offset, into.Length) };
            using var answer = (await container.GetBlobClient(name).DownloadStreamingAsync(options, cancellation)).Value;
            return await answer.Content.ReadAtLeastAsync(into, into.Length, throwOnEndOfStream: false, cancellation);
        }
        catch (RequestFailedException e) when (BlobErrors.IsMissing(e))
        {
            return null;
        }
        catch (RequestFailedException e) when (BlobErrors.IsBehindTheEnd(e))
        {
            return 0;
        }
        catch (Exception e) when (IsUnanswered(e, cancellation))
        {
            throw Unanswered(name, e);
        }
    }

    /// <inheritdoc/>
    public async ValueTask<ObjectPage> ListAsync(string prefix, string? page, CancellationToken cancellation)
    {
        try
        {
            await foreach (var found in container.GetBlobsAsync(new GetBlobsOptions { Prefix = prefix }, cancellation).AsPages(page))
            {
                return new ObjectPage(
                    [.. found.Values.Select(static blob => new ObjectEntry(blob.Name, blob.Properties.ContentLength ?? 0))],
                    found.ContinuationToken is { Length: > 0 } next ? next : null);
            }

            return new ObjectPage([], null);
        }
        catch (Exception e) when (IsUnanswered(e, cancellation))
        {
            throw Unanswered(prefix, e);
        }
    }

    /// <inheritdoc/>
    public async ValueTask DeleteAsync(string name, CancellationToken cancellation)
    {
        try
        {
            await container.GetBlobClient(name).DeleteAsync(cancellationToken: cancellation);
        }
        catch (RequestFailedException e) when (BlobErrors.IsMissing(e))
        {
            // Deleted already.
        }
        catch (Exception e) when (IsUnanswered(e, cancellation))
        {
            throw Unanswered(name, e);
        }
    }

    // An error that comes just when the time of the try is over is doubtful like any other: only the cancelled call itself passes.
    private static bool IsUnanswered(Exception error, CancellationToken cancellation) =>
        BlobErrors.IsDoubtful(error) && !(error is OperationCanceledException && cancellation.IsCancellationRequested);

    private static TimeoutException Unanswered(string name, Exception cause) => new($"The storage account did not answer for {name}: {cause.Message.Split('\n')[0]}", cause);

    private Task UploadAsync(string name, ReadOnlyMemory<byte> bytes, BlobRequestConditions? conditions, CancellationToken cancellation)
    {
        var options = new BlobUploadOptions
        {
            Conditions = conditions,
            // Above the length: else the client splits it into blocks and a list of blocks, which is more requests and not one moment.
            TransferOptions = new StorageTransferOptions { InitialTransferSize = bytes.Length + 1L },
        };
        return container.GetBlobClient(name).UploadAsync(BinaryData.FromBytes(bytes), options, cancellation);
    }
}
