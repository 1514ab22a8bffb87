using Orleans.Storage;
using Rollbook.Loggers;

namespace Rollbook.Azure;

/// <summary>Keeps all that a cluster shares in one Azure Storage account.</summary>
public static class AzureHosting
{
    /// <summary>
    /// Membership, registry, headers and the loggers' state in tables, step log and archive in blobs of the account under <c>Rollbook:Azure</c>.
    /// </summary>
    /// <param name="silo">The silo.</param>
    public static ISiloBuilder UseAzureStorage(this ISiloBuilder silo)
    {
        silo.Services.AddAzureTables().AddAzureBlobStepLog().AddAzureBlobArchive();
        return silo.UseAzureTablesClustering().AddAzureTablesGrainStorage(
            LoggerGrain.StorageName,
            static options => options.Configure<Orleans.Serialization.Serializer>(
                static (o, serializer) => o.GrainStorageSerializer = new OrleansGrainStorageSerializer(serializer)));
    }
}
