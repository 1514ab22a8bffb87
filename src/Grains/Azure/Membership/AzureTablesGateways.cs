using Azure.Data.Tables;
using Orleans.Messaging;

namespace Rollbook.Azure;

/// <summary>The gateways of a cluster: the active silos of its membership table that have one.</summary>
/// <param name="tables">The account.</param>
/// <param name="table">The table.</param>
/// <param name="clusterId">The cluster, the partition.</param>
/// <param name="maxStaleness">How old the list may be.</param>
public sealed class AzureTablesGateways(AzureTables tables, TableClient table, string clusterId, TimeSpan maxStaleness) : IGatewayListProvider
{
    /// <inheritdoc/>
    public TimeSpan MaxStaleness => maxStaleness;

    /// <inheritdoc/>
    public bool IsUpdatable => true;

    /// <inheritdoc/>
    public Task InitializeGatewayListProvider() => InitializeGatewayListProviderAsync(CancellationToken.None);

    /// <inheritdoc/>
    public Task InitializeGatewayListProviderAsync(CancellationToken cancellationToken) => tables.PrepareAsync(table, cancellationToken);

    /// <inheritdoc/>
    public Task<IList<Uri>> GetGateways() => GetGatewaysAsync(CancellationToken.None);

    /// <inheritdoc/>
    public async Task<IList<Uri>> GetGatewaysAsync(CancellationToken cancellationToken)
    {
        var filter = TableClient.CreateQueryFilter($"PartitionKey eq {clusterId} and Status eq {nameof(SiloStatus.Active)} and ProxyPort ne {"0"}");
        var gateways = new List<Uri>();
        await foreach (var row in table.QueryAsync<TableEntity>(filter, cancellationToken: cancellationToken))
        {
            // The rows that bound the table are active too, and have no port.
            if (SiloRow.IsSilo(row)) gateways.Add(SiloRow.Address(row, "ProxyPort").ToGatewayUri());
        }

        return gateways;
    }
}
