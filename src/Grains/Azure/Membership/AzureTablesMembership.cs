using Azure;
using Azure.Data.Tables;
using Microsoft.Extensions.Logging;
using Orleans.Storage;

namespace Rollbook.Azure;

/// <summary>
/// The membership of a cluster in a table, with the names and rows of Orleans' own provider (<c>Microsoft.Orleans.Clustering.AzureStorage</c>). Each change is one transaction of the silo's row and
/// the version row, under both ETags: what lost answers false, and only an outage throws.
/// </summary>
/// <remarks>
/// A change without an answer throws, and is not sent again here: Orleans reads the table and decides. Two rows, before and behind all silos, carry the version too: a read of many pages is one
/// moment where both and the version row agree.
/// </remarks>
/// <param name="tables">The account.</param>
/// <param name="table">The table.</param>
/// <param name="clusterId">The cluster, the partition.</param>
/// <param name="pageSize">Rows of a page; null = what the service gives, 1,000.</param>
/// <param name="log">For rows that can't be read.</param>
public sealed partial class AzureTablesMembership(
    AzureTables tables, TableClient table, string clusterId, int? pageSize, ILogger<AzureTablesMembership> log) : IMembershipTable
{
    private const int ReadTries = 5;
    // Of the service: https://learn.microsoft.com/rest/api/storageservices/performing-entity-group-transactions
    private const int MaxChanges = 100;

    /// <inheritdoc/>
    public Task InitializeMembershipTable(bool tryInitTableVersion) => InitializeMembershipTableAsync(tryInitTableVersion, CancellationToken.None);

    /// <inheritdoc/>
    public async Task InitializeMembershipTableAsync(bool tryInitTableVersion, CancellationToken cancellationToken)
    {
        await tables.PrepareAsync(table, cancellationToken);
        if (!tryInitTableVersion || await TableRows.FindAsync(table, clusterId, SiloRow.Version, cancellationToken) is not null) return;
        // Another silo may be the first; either way it is there.
        await TryChangeAsync([new(TableTransactionActionType.Add, SiloRow.OfVersion(clusterId, SiloRow.Version, 0)), .. Bounds(0)], cancellationToken);
    }

    /// <inheritdoc/>
    public Task<MembershipTableData> ReadRow(SiloAddress key) => ReadRowAsync(key, CancellationToken.None);

    /// <inheritdoc/>
    public async Task<MembershipTableData> ReadRowAsync(SiloAddress key, CancellationToken cancellationToken)
    {
        var silo = SiloRow.Key(key);
        var (rows, pages) = await QueryAsync(
            TableClient.CreateQueryFilter($"PartitionKey eq {clusterId} and (RowKey eq {silo} or RowKey eq {SiloRow.Version})"), cancellationToken);
        if (pages == 1) return Data(rows);
        // The service may end a page wherever it likes: then the two rows are not of one moment.
        var all = await ReadAllAsync(cancellationToken);
        return new MembershipTableData([.. all.Members.Where(member => member.Item1.SiloAddress.Equals(key))], all.Version);
    }

    /// <inheritdoc/>
    public Task<MembershipTableData> ReadAll() => ReadAllAsync(CancellationToken.None);

    /// <inheritdoc/>
    public async Task<MembershipTableData> ReadAllAsync(CancellationToken cancellationToken)
    {
        for (var attempt = 0; attempt < ReadTries; attempt++)
        {
            var (rows, pages) = await QueryAsync(TableClient.CreateQueryFilter($"PartitionKey eq {clusterId}"), cancellationToken);
            // The service reads a page as of one moment.
            if (pages == 1 || IsOneMoment(rows)) return Data(rows);
        }

        throw new InconsistentStateException($"The membership of cluster '{clusterId}' in table {table.Name} changed during each of {ReadTries} reads.");
    }

    /// <inheritdoc/>
    public Task<bool> InsertRow(MembershipEntry entry, TableVersion tableVersion) => InsertRowAsync(entry, tableVersion, CancellationToken.None);

    /// <inheritdoc/>
    public Task<bool> InsertRowAsync(MembershipEntry entry, TableVersion tableVersion, CancellationToken cancellationToken) =>
        ChangeAsync(new(TableTransactionActionType.Add, SiloRow.Of(entry, clusterId)), tableVersion, cancellationToken);

    /// <inheritdoc/>
    public Task<bool> UpdateRow(MembershipEntry entry, string etag, TableVersion tableVersion) => UpdateRowAsync(entry, etag, tableVersion, CancellationToken.None);

    /// <inheritdoc/>
    public async Task<bool> UpdateRowAsync(MembershipEntry entry, string etag, TableVersion tableVersion, CancellationToken cancellationToken) =>
        TableRows.IsETag(etag)
        && await ChangeAsync(new(TableTransactionActionType.UpdateReplace, SiloRow.Of(entry, clusterId), new ETag(etag)), tableVersion, cancellationToken);

    /// <inheritdoc/>
    public Task UpdateIAmAlive(MembershipEntry entry) => UpdateIAmAliveAsync(entry, CancellationToken.None);

    /// <inheritdoc/>
    public Task UpdateIAmAliveAsync(MembershipEntry entry, CancellationToken cancellationToken) =>
        table.UpdateEntityAsync(SiloRow.OfAlive(entry, clusterId), ETag.All, TableUpdateMode.Merge, cancellationToken);

    /// <inheritdoc/>
    public Task CleanupDefunctSiloEntries(DateTimeOffset beforeDate) => CleanupDefunctSiloEntriesAsync(beforeDate, CancellationToken.None);

    /// <inheritdoc/>
    public async Task CleanupDefunctSiloEntriesAsync(DateTimeOffset beforeDate, CancellationToken cancellationToken)
    {
        var data = await ReadAllAsync(cancellationToken);
        var defunct = data.Members
            .Where(member => member.Item1.Status != SiloStatus.Active && LastSign(member.Item1) < beforeDate.UtcDateTime)
            .Select(member => (SiloRow.Key(member.Item1.SiloAddress), new ETag(member.Item2)));
        await DeleteAsync(defunct, cancellationToken);
    }

    /// <inheritdoc/>
    public Task DeleteMembershipTableEntries(string clusterId) => DeleteMembershipTableEntriesAsync(clusterId, CancellationToken.None);

    /// <inheritdoc/>
    public async Task DeleteMembershipTableEntriesAsync(string clusterId, CancellationToken cancellationToken)
    {
        var (rows, _) = await QueryAsync(TableClient.CreateQueryFilter($"PartitionKey eq {clusterId}"), cancellationToken);
        foreach (var some in rows.Chunk(MaxChanges))
            await table.SubmitTransactionAsync(some.Select(static row => new TableTransactionAction(TableTransactionActionType.Delete, row, ETag.All)), cancellationToken);
    }

    private async Task DeleteAsync(IEnumerable<(string Row, ETag Version)> rows, CancellationToken cancellation)
    {
        foreach (var some in rows.Chunk(MaxChanges))
        {
            // Under their ETags: a silo that came back meanwhile stays. The next clean-up takes the others of its lot.
            await TryChangeAsync(
                [.. some.Select(row => new TableTransactionAction(TableTransactionActionType.Delete, new TableEntity(clusterId, row.Row), row.Version))], cancellation);
        }
    }

    private async Task<bool> ChangeAsync(TableTransactionAction silo, TableVersion next, CancellationToken cancellation) =>
        TableRows.IsETag(next.VersionEtag)
        && await TryChangeAsync(
            [
                silo,
                new(TableTransactionActionType.UpdateReplace, SiloRow.OfVersion(clusterId, SiloRow.Version, next.Version), new ETag(next.VersionEtag)),
                .. Bounds(next.Version),
            ],
            cancellation);

    private TableTransactionAction[] Bounds(int version) =>
    [
        new(TableTransactionActionType.UpsertReplace, SiloRow.OfVersion(clusterId, SiloRow.Start, version)),
        new(TableTransactionActionType.UpsertReplace, SiloRow.OfVersion(clusterId, SiloRow.End, version)),
    ];

    private async Task<bool> TryChangeAsync(TableTransactionAction[] change, CancellationToken cancellation)
    {
        try
        {
            await table.SubmitTransactionAsync(change, cancellation);
            return true;
        }
        catch (RequestFailedException e) when (TableErrors.IsConflict(e) || TableErrors.IsMissing(e))
        {
            return false;
        }
    }

    private async Task<(List<TableEntity> Rows, int Pages)> QueryAsync(string filter, CancellationToken cancellation)
    {
        var rows = new List<TableEntity>();
        var pages = 0;
        await foreach (var page in table.QueryAsync<TableEntity>(filter, pageSize, cancellationToken: cancellation).AsPages())
        {
            rows.AddRange(page.Values);
            pages++;
        }

        return (rows, pages);
    }

    // Each change writes all three, and the pages come in the order of the row keys: no change fell between the first page and the last.
    private static bool IsOneMoment(List<TableEntity> rows)
    {
        var versions = rows.Where(static row => !SiloRow.IsSilo(row)).Select(SiloRow.VersionOf).ToList();
        return versions.Count == 3 && versions.Distinct().Count() == 1;
    }

    private static DateTime LastSign(MembershipEntry entry) => entry.StartTime > entry.IAmAliveTime ? entry.StartTime : entry.IAmAliveTime;

    private MembershipTableData Data(List<TableEntity> rows)
    {
        var version = rows.Find(static row => row.RowKey == SiloRow.Version)
            ?? throw new OrleansException($"The membership of cluster '{clusterId}' in table {table.Name} has no version row: the table was emptied under a running cluster, or no silo has started yet.");
        var members = new List<Tuple<MembershipEntry, string>>(rows.Count);
        foreach (var row in rows.Where(SiloRow.IsSilo))
        {
            try
            {
                members.Add(Tuple.Create(SiloRow.Entry(row), row.ETag.ToString()));
            }
            catch (FormatException e)
            {
                // As Orleans' own provider does: one such row must not keep all silos from each other.
                LogUnreadable(e, row.RowKey);
            }
        }

        return new MembershipTableData(members, new TableVersion(SiloRow.VersionOf(version), version.ETag.ToString()));
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "The membership row {Row} can't be read and is left out.")]
    private partial void LogUnreadable(Exception cause, string row);
}
