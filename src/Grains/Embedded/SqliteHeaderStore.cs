using Rollbook.Episodes;
using Rollbook.StepLog;

namespace Rollbook.Embedded;

/// <summary>The headers in the embedded database.</summary>
/// <param name="database">The database; owned by the caller.</param>
public sealed class SqliteHeaderStore(SqliteDatabase database) : IHeaderStore
{
    private const string Insert =
        "INSERT INTO headers (term, owner, extents, state, nonce, etag, project, id) VALUES ($term, $owner, $extents, $state, $nonce, $new, $project, $id) "
        + "ON CONFLICT DO NOTHING";

    private const string Replace =
        "UPDATE headers SET term = $term, owner = $owner, extents = $extents, state = $state, nonce = $nonce, etag = $new "
        + "WHERE project = $project AND id = $id AND etag = $old";

    private const string Select = "SELECT term, owner, extents, state, nonce, etag FROM headers WHERE project = $project AND id = $id";

    /// <inheritdoc/>
    public ValueTask<EpisodeHeader?> ReadAsync(EpisodeKey key, CancellationToken cancellation) =>
        database.ReadAsync(key, static (session, key) => Find(session, key), cancellation);

    /// <inheritdoc/>
    public async ValueTask<EpisodeHeader?> WriteAsync(EpisodeHeader header, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(header);
        var extents = ExtentCodec.Encode(header.Extents);
        var etag = ETags.New();
        (string Name, object? Value)[] values =
        [
            ("$term", header.Term),
            ("$owner", Id128.ToBytes(header.Owner.Value)),
            ("$extents", extents),
            ("$state", (int)header.State),
            ("$nonce", header.Nonce),
            ("$new", etag),
            ("$project", header.Key.Project),
            ("$id", Id128.ToBytes(header.Key.Id.Value)),
        ];
        var write = header.ETag is null ? new SqliteWrite(Insert, values) : new SqliteWrite(Replace, [.. values, ("$old", header.ETag)]);
        var won = await database.WriteAsync(write, cancellation);
        return won ? header with { ETag = etag, Extents = ExtentCodec.Decode(extents) } : null;
    }

    private static EpisodeHeader? Find(SqliteSession session, EpisodeKey key)
    {
        var command = session.Bind(Select, [("$project", key.Project), ("$id", Id128.ToBytes(key.Id.Value))]);
        using var reader = command.ExecuteReader();
        if (!reader.Read()) return null;
        return new EpisodeHeader
        {
            Key = key,
            Term = reader.GetInt64(0),
            Owner = new LogId(Id128.FromBytes(reader.GetFieldValue<byte[]>(1))),
            Extents = ExtentCodec.Decode(reader.GetFieldValue<byte[]>(2)),
            State = (HeaderState)reader.GetInt32(3),
            Nonce = reader.GetString(4),
            ETag = reader.GetString(5),
        };
    }
}
