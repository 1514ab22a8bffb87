using Azure;
using Azure.Data.Tables;
using Orleans.Serialization.Serializers;
using Orleans.Storage;
using Rollbook.Embedded;

namespace Rollbook.Azure;

/// <summary>
/// Orleans grain storage in a table, with the names and columns of Orleans' own provider (<c>Microsoft.Orleans.Persistence.AzureStorage</c>), so that either reads what the other wrote. A write without an ETag only
/// inserts; one with an ETag, and every clear, acts on that version alone, else <see cref="InconsistentStateException"/>. A cleared record is deleted.
/// </summary>
/// <remarks>A column of our own, <c>WriteId</c>, tells a write's own success where its answer was lost. Orleans' provider doesn't look at it.</remarks>
/// <param name="name">The provider's name, for messages.</param>
/// <param name="options">The provider's options, complete.</param>
/// <param name="table">The table.</param>
/// <param name="serviceId">The cluster's service id, the first part of each key.</param>
/// <param name="activators">Makes the empty states.</param>
/// <param name="time">For pauses between tries.</param>
public sealed class AzureTablesGrainStorage(
    string name, AzureTablesGrainStorageOptions options, TableClient table, string serviceId, IActivatorProvider activators, TimeProvider time) : IGrainStorage
{
    private const string Binary = "Data";
    private const string Text = "StringData";
    private const string WriteId = "WriteId";

    /// <inheritdoc/>
    public Task ReadStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState) =>
        ReadStateAsync(stateName, grainId, grainState, CancellationToken.None);

    /// <inheritdoc/>
    public async Task ReadStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(grainState);
        var (partition, row) = Keys(stateName, grainId);
        var entity = await TableRows.FindAsync(table, partition, row, cancellationToken);
        if (entity is null)
        {
            SetMissing(grainState);
            return;
        }

        // Orleans' own provider can leave a row without data for a cleared state: no record, but an ETag to write over.
        var data = Data(entity);
        grainState.State = (data is null ? default : options.GrainStorageSerializer.Deserialize<T>(data)) ?? activators.GetActivator<T>().Create();
        grainState.ETag = entity.ETag.ToString();
        grainState.RecordExists = data is not null;
    }

    /// <inheritdoc/>
    public Task WriteStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState) =>
        WriteStateAsync(stateName, grainId, grainState, CancellationToken.None);

    /// <inheritdoc/>
    public async Task WriteStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(grainState);
        var (partition, row) = Keys(stateName, grainId);
        var id = ETags.New();
        var entity = new TableEntity(partition, row) { [WriteId] = id };
        var data = options.GrainStorageSerializer.Serialize(grainState.State);
        if (options.UseStringFormat) ColumnChunks.Put(entity, Text, data.ToString());
        else ColumnChunks.Put(entity, Binary, data.ToMemory());

        var old = grainState.ETag;
        if (old is not null && !TableRows.IsETag(old)) throw await ConflictAsync("write", stateName, grainId, old);
        var written = await ConditionalWrite.RunAsync(
            () => TableRows.PutAsync(table, entity, old is null ? null : new ETag(old), cancellationToken),
            async () => await TableRows.FindAsync(table, partition, row, CancellationToken.None) is { } stored && stored.GetString(WriteId) == id ? stored.ETag : null,
            time,
            cancellationToken);
        grainState.ETag = written is { } version ? version.ToString() : throw await ConflictAsync("write", stateName, grainId, old);
        grainState.RecordExists = true;
    }

    /// <inheritdoc/>
    public Task ClearStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState) =>
        ClearStateAsync(stateName, grainId, grainState, CancellationToken.None);

    /// <inheritdoc/>
    public async Task ClearStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(grainState);
        var old = grainState.ETag;
        if (old is null)
        {
            // Nothing was there when this caller looked: right only if nothing is there now.
            if (await FindETagAsync(stateName, grainId) is not null) throw await ConflictAsync("clear", stateName, grainId, old);
        }
        else if (!TableRows.IsETag(old) || !await DeleteAsync(stateName, grainId, new ETag(old), cancellationToken))
        {
            throw await ConflictAsync("clear", stateName, grainId, old);
        }

        SetMissing(grainState);
    }

    private async Task<bool> DeleteAsync(string stateName, GrainId grainId, ETag old, CancellationToken cancellation)
    {
        var (partition, row) = Keys(stateName, grainId);
        var deleted = await ConditionalWrite.RunAsync(
            async () =>
            {
                // The client takes a row that isn't there for deleted; here another has deleted that version.
                var answer = await table.DeleteEntityAsync(partition, row, old, cancellation);
                return answer.Status == 404 ? throw new RequestFailedException(answer) : old;
            },
            // After a doubt, gone is gone: it was that version that went.
            async () => await TableRows.FindAsync(table, partition, row, CancellationToken.None) is null ? old : null,
            time,
            cancellation);
        return deleted is not null;
    }

    private static BinaryData? Data(TableEntity entity) => ColumnChunks.Bytes(entity, Binary) is { } bytes
        ? new BinaryData(bytes)
        : ColumnChunks.Text(entity, Text) is { } text ? new BinaryData(text) : null;

    private (string Partition, string Row) Keys(string stateName, GrainId grainId) =>
        (TableKeys.Sanitize($"{serviceId}_{grainId}"), TableKeys.Sanitize(stateName));

    private void SetMissing<T>(IGrainState<T> grainState)
    {
        grainState.State = activators.GetActivator<T>().Create();
        grainState.ETag = null;
        grainState.RecordExists = false;
    }

    private async Task<InconsistentStateException> ConflictAsync(string call, string stateName, GrainId grainId, string? old) =>
        new($"The {call} of state '{stateName}' of grain {grainId} in storage '{name}' lost: the record has changed.", await FindETagAsync(stateName, grainId), old);

    private async Task<string?> FindETagAsync(string stateName, GrainId grainId)
    {
        var (partition, row) = Keys(stateName, grainId);
        return (await TableRows.FindAsync(table, partition, row, CancellationToken.None))?.ETag.ToString();
    }
}
