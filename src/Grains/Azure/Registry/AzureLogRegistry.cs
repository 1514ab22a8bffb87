using Azure;
using Azure.Data.Tables;
using Rollbook.Embedded;
using Rollbook.StepLog;

namespace Rollbook.Azure;

/// <summary>
/// The registry of logs in a table: one row a log, <c>log_ID</c>, for ever, and beside it a copy, <c>live_ID</c>, for as long as the log is not trimmed. Both change in one transaction, so that the logs which
/// matter are listed by one small range, however many are history.
/// </summary>
/// <param name="table">The table.</param>
/// <param name="serviceId">The cluster's service id, the partition: what keeps the logs of two recorders in one table apart.</param>
/// <param name="time">For pauses between tries.</param>
public sealed class AzureLogRegistry(TableClient table, string serviceId, TimeProvider time) : ILogRegistry
{
    private const string Every = "log_";
    private const string Live = "live_";
    private readonly string _partition = TableKeys.Sanitize(serviceId);

    /// <inheritdoc/>
    public async ValueTask<bool> InsertAsync(LogRow row, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(row);
        return await WriteAsync(row with { ETag = ETags.New() }, null, cancellation);
    }

    /// <inheritdoc/>
    public async ValueTask<LogRow?> ReadAsync(LogId log, CancellationToken cancellation) =>
        await TableRows.FindAsync(table, _partition, Every + log, cancellation) is { } entity ? LogRowEntity.Row(entity) : null;

    /// <inheritdoc/>
    public async ValueTask<LogRow?> ReplaceAsync(LogRow row, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(row);
        // The caller's ETag is the registry's own, so that the rows of a list, which are copies, have it too; the condition is on the service's.
        var stored = await TableRows.FindAsync(table, _partition, Every + row.Log, cancellation);
        if (stored is null || row.ETag is null || LogRowEntity.Row(stored).ETag != row.ETag) return null;
        var next = row with { ETag = ETags.New() };
        return await WriteAsync(next, stored, cancellation) ? next : null;
    }

    /// <inheritdoc/>
    public async ValueTask<IReadOnlyList<LogRow>> ListAsync(IReadOnlyCollection<LogState> states, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(states);
        if (states.Count == 0) return [];
        var prefix = states.Contains(LogState.Trimmed) ? Every : Live;
        // "`" comes after "_".
        var range = TableClient.CreateQueryFilter($"PartitionKey eq {_partition} and RowKey ge {prefix} and RowKey lt {prefix.Replace('_', '`')}");
        var wanted = string.Join(" or ", states.Distinct().Select(static state => TableClient.CreateQueryFilter($"State eq {(int)state}")));
        var rows = new List<LogRow>();
        await foreach (var entity in table.QueryAsync<TableEntity>($"{range} and ({wanted})", cancellationToken: cancellation)) rows.Add(LogRowEntity.Row(entity));
        rows.Sort(static (a, b) => a.Log.CompareTo(b.Log));
        return rows;
    }

    private async ValueTask<bool> WriteAsync(LogRow row, TableEntity? stored, CancellationToken cancellation)
    {
        var main = LogRowEntity.Of(row, _partition, Every + row.Log);
        var change = new List<TableTransactionAction>(2)
        {
            stored is null ? new(TableTransactionActionType.Add, main) : new(TableTransactionActionType.UpdateReplace, main, stored.ETag),
        };
        if (row.State != LogState.Trimmed)
            change.Add(new(TableTransactionActionType.UpsertReplace, LogRowEntity.Of(row, _partition, Live + row.Log)));
        else if (stored is not null && LogRowEntity.Row(stored).State != LogState.Trimmed)
            change.Add(new(TableTransactionActionType.Delete, new TableEntity(_partition, Live + row.Log), ETag.All));

        var written = await ConditionalWrite.RunAsync(
            async () =>
            {
                var answers = await table.SubmitTransactionAsync(change, cancellation);
                return answers.Value[0].Headers.ETag ?? default;
            },
            async () => (await ReadAsync(row.Log, CancellationToken.None))?.ETag == row.ETag ? default(ETag) : null,
            time,
            cancellation);
        return written is not null;
    }
}
