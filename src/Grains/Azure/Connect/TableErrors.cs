using Azure;
using Azure.Data.Tables.Models;

namespace Rollbook.Azure;

/// <summary>What the service's answers mean (https://learn.microsoft.com/rest/api/storageservices/table-service-error-codes).</summary>
internal static class TableErrors
{
    /// <summary>A condition didn't hold, or a row to be inserted is there. A table that is being deleted answers 409 too, and is no conflict.</summary>
    public static bool IsConflict(RequestFailedException error) =>
        error.Status == 412 || (error.Status == 409 && error.ErrorCode != TableErrorCode.TableBeingDeleted.ToString());

    /// <summary>The row isn't there, but its table is.</summary>
    public static bool IsMissing(RequestFailedException error) =>
        error.Status == 404 && (error.ErrorCode == TableErrorCode.ResourceNotFound.ToString() || error.ErrorCode == TableErrorCode.EntityNotFound.ToString());

    /// <summary>No answer, or one that doesn't say whether the write was done: it may have been, and may still be.</summary>
    public static bool IsDoubtful(Exception error) => error switch
    {
        RequestFailedException failed => failed.Status is 0 or 408 or 429 or >= 500,
        IOException or HttpRequestException or OperationCanceledException => true,
        AggregateException many => many.InnerExceptions.Any(IsDoubtful),
        _ => false,
    };
}
