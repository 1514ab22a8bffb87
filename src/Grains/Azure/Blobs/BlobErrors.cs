using Azure;
using Azure.Storage.Blobs.Models;

namespace Rollbook.Azure;

/// <summary>What the service's answers mean (https://learn.microsoft.com/rest/api/storageservices/blob-service-error-codes).</summary>
internal static class BlobErrors
{
    /// <summary>A condition didn't hold, or the name is taken.</summary>
    public static bool IsConflict(RequestFailedException error) => error.Status is 409 or 412;

    /// <summary>The blob isn't there, but its container is.</summary>
    public static bool IsMissing(RequestFailedException error) => error.Status == 404 && error.ErrorCode == BlobErrorCode.BlobNotFound;

    /// <summary>The range begins behind the end of the blob.</summary>
    public static bool IsBehindTheEnd(RequestFailedException error) => error.Status == 416;

    /// <summary>No answer, or one that doesn't say whether the call was applied: it may have been, and may still be.</summary>
    public static bool IsDoubtful(Exception error) => error switch
    {
        RequestFailedException failed => failed.Status is 0 or 408 or 429 or >= 500,
        IOException or HttpRequestException or TaskCanceledException => true,
        AggregateException many => many.InnerExceptions.All(IsDoubtful),
        _ => false,
    };
}
