using Orleans.Serialization.Serializers;
using Orleans.Storage;

namespace Rollbook.Embedded;

/// <summary>
/// Orleans grain storage in the embedded database. A write without an ETag only inserts; one with an ETag, and every clear, acts on that
/// version alone, else <see cref="InconsistentStateException"/>. A cleared record is deleted.
/// </summary>
/// <param name="name">The provider's name. Providers of different names share nothing.</param>
/// <param name="options">The provider's options, complete.</param>
/// <param name="database">The database; owned by the caller.</param>
/// <param name="activators">Makes the empty states.</param>
public sealed class SqliteGrainStorage(string name, SqliteGrainStorageOptions options, SqliteDatabase database, IActivatorProvider activators)
    : IGrainStorage
{
    private const string Select = "SELECT etag, data FROM grain_state WHERE provider = $provider AND name = $name AND grain = $grain";

    private const string SelectETag = "SELECT etag FROM grain_state WHERE provider = $provider AND name = $name AND grain = $grain";

    private const string Insert =
        "INSERT INTO grain_state (provider, name, grain, data, etag) VALUES ($provider, $name, $grain, $data, $new) ON CONFLICT DO NOTHING";

    private const string Replace =
        "UPDATE grain_state SET data = $data, etag = $new WHERE provider = $provider AND name = $name AND grain = $grain AND etag = $old";

    private const string Delete =
        "DELETE FROM grain_state WHERE provider = $provider AND name = $name AND grain = $grain AND etag = $old";

    /// <inheritdoc/>
    public Task ReadStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState) =>
        ReadStateAsync(stateName, grainId, grainState, CancellationToken.None);

    /// <inheritdoc/>
    public async Task ReadStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(grainState);
        var found = await database.ReadAsync(Key(stateName, grainId), static (session, key) => Find(session, key), cancellationToken);
        if (found is not var (etag, data))
        {
            SetMissing(grainState);
            return;
        }

        // An empty payload can be a state, too: what has no properties may be stored as nothing.
        grainState.State = options.GrainStorageSerializer.Deserialize<T>(new BinaryData(data)) ?? activators.GetActivator<T>().Create();
        grainState.ETag = etag;
        grainState.RecordExists = true;
    }

    /// <inheritdoc/>
    public Task WriteStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState) =>
        WriteStateAsync(stateName, grainId, grainState, CancellationToken.None);

    /// <inheritdoc/>
    public async Task WriteStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(grainState);
        var key = Key(stateName, grainId);
        var old = grainState.ETag;
        var etag = ETags.New();
        var data = options.GrainStorageSerializer.Serialize(grainState.State).ToMemory().ToArray();
        var write = old is null
            ? new SqliteWrite(Insert, [.. key, ("$data", data), ("$new", etag)])
            : new SqliteWrite(Replace, [.. key, ("$data", data), ("$new", etag), ("$old", old)]);
        if (!await database.WriteAsync(write, cancellationToken)) throw await ConflictAsync("write", key, stateName, grainId, old);
        grainState.ETag = etag;
        grainState.RecordExists = true;
    }

    /// <inheritdoc/>
    public Task ClearStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState) =>
        ClearStateAsync(stateName, grainId, grainState, CancellationToken.None);

    /// <inheritdoc/>
    public async Task ClearStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(grainState);
        var key = Key(stateName, grainId);
        var old = grainState.ETag;
        if (old is null)
        {
            // Nothing was there when this caller looked: right only if nothing is there now.
            if (await FindETagAsync(key) is not null) throw await ConflictAsync("clear", key, stateName, grainId, old);
        }
        else if (!await database.WriteAsync(new SqliteWrite(Delete, [.. key, ("$old", old)]), cancellationToken))
        {
            throw await ConflictAsync("clear", key, stateName, grainId, old);
        }

        SetMissing(grainState);
    }

    private (string Name, object? Value)[] Key(string stateName, GrainId grainId) =>
        [("$provider", name), ("$name", stateName), ("$grain", grainId.ToString())];

    private void SetMissing<T>(IGrainState<T> grainState)
    {
        grainState.State = activators.GetActivator<T>().Create();
        grainState.ETag = null;
        grainState.RecordExists = false;
    }

    private async Task<InconsistentStateException> ConflictAsync(
        string call, (string Name, object? Value)[] key, string stateName, GrainId grainId, string? old) =>
        new($"The {call} of state '{stateName}' of grain {grainId} in storage '{name}' lost: the record has changed.", await FindETagAsync(key), old);

    private ValueTask<string?> FindETagAsync((string Name, object? Value)[] key) => database.ReadAsync(
        key, static (session, key) => (string?)session.Bind(SelectETag, key).ExecuteScalar(), CancellationToken.None);

    private static (string ETag, byte[] Data)? Find(SqliteSession session, (string Name, object? Value)[] key)
    {
        using var reader = session.Bind(Select, key).ExecuteReader();
        return reader.Read() ? (reader.GetString(0), reader.GetFieldValue<byte[]>(1)) : null;
    }
}
