using Azure.Data.Tables;
using Rollbook.StepLog;

namespace Rollbook.Azure;

/// <summary>A log's row as a row of a table.</summary>
internal static class LogRowEntity
{
    /// <summary>The table's row.</summary>
    public static TableEntity Of(LogRow row, string partition, string key)
    {
        var entity = new TableEntity(partition, key)
        {
            ["Log"] = row.Log.ToString(),
            ["Address"] = row.Address,
            ["Generation"] = row.Generation,
            ["BootId"] = row.BootId,
            ["ProcessId"] = row.ProcessId,
            ["CreatedAt"] = row.CreatedAt,
            ["State"] = (int)row.State,
            ["TrimmedTo"] = row.TrimmedTo,
            ["Failures"] = row.Failures,
            ["Version"] = row.ETag,
        };
        if (row.Fence is { } fence) entity["Fence"] = fence;
        if (row.Quarantined is { } chunk) entity["Quarantined"] = chunk;
        if (row.Reader is { } reader) entity["Reader"] = reader.ToString();
        return entity;
    }

    /// <summary>The log's row.</summary>
    public static LogRow Row(TableEntity entity) => new()
    {
        Log = LogId.Parse(entity.GetString("Log")),
        Address = entity.GetString("Address"),
        Generation = entity.GetInt64("Generation")!.Value,
        BootId = entity.GetString("BootId"),
        ProcessId = entity.GetInt32("ProcessId")!.Value,
        CreatedAt = entity.GetInt64("CreatedAt")!.Value,
        State = (LogState)entity.GetInt32("State")!.Value,
        Fence = entity.GetInt64("Fence"),
        TrimmedTo = entity.GetInt64("TrimmedTo")!.Value,
        Failures = entity.GetInt32("Failures")!.Value,
        Quarantined = entity.GetInt64("Quarantined"),
        Reader = entity.GetString("Reader") is { } reader ? LogId.Parse(reader) : null,
        ETag = entity.GetString("Version"),
    };
}
