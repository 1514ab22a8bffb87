using Azure.Data.Tables;

namespace Rollbook.Azure;

/// <summary>Makes tables before anything of the silo asks for them, so that an account which can't be used fails the start.</summary>
internal sealed class AzureTablesStart(AzureTables tables, Func<AzureTables, IEnumerable<TableClient>> needed) : ILifecycleParticipant<ISiloLifecycle>
{
    /// <inheritdoc/>
    public void Participate(ISiloLifecycle lifecycle) => lifecycle.Subscribe<AzureTablesStart>(ServiceLifecycleStage.RuntimeInitialize, PrepareAsync);

    private Task PrepareAsync(CancellationToken cancellation) => Task.WhenAll(needed(tables).Select(table => tables.PrepareAsync(table, cancellation)));
}
