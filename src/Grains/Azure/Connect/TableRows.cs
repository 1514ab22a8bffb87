using Azure;
using Azure.Data.Tables;

namespace Rollbook.Azure;

/// <summary>Rows by their keys.</summary>
internal static class TableRows
{
    /// <summary>A row; null where there is none. A missing table is an error and never "no row": what was never written must not be told of what can't be seen.</summary>
    public static async ValueTask<TableEntity?> FindAsync(TableClient table, string partition, string row, CancellationToken cancellation)
    {
        try
        {
            return (await table.GetEntityAsync<TableEntity>(partition, row, cancellationToken: cancellation)).Value;
        }
        catch (RequestFailedException e) when (TableErrors.IsMissing(e))
        {
            return null;
        }
    }

    /// <summary>Inserts where <paramref name="old"/> is null, else replaces that version alone.</summary>
    /// <returns>The new version.</returns>
    public static async Task<ETag> PutAsync(TableClient table, TableEntity entity, ETag? old, CancellationToken cancellation)
    {
        var answer = old is { } version
            ? await table.UpdateEntityAsync(entity, version, TableUpdateMode.Replace, cancellation)
            : await table.AddEntityAsync(entity, cancellation);
        return answer.Headers.ETag ?? throw new InvalidDataException($"The service gave no ETag for a row of {table.Name}.");
    }

    /// <summary>
    /// Whether the service can have given this ETag. It calls any other a bad request instead of a condition that doesn't hold, which it can't but be.
    /// </summary>
    public static bool IsETag(string? text) => text is not null && text.StartsWith("W/\"", StringComparison.Ordinal) && text.EndsWith('"');
}
