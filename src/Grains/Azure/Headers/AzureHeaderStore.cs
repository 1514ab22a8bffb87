using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;
using Azure;
using Azure.Data.Tables;
using Rollbook.Embedded;
using Rollbook.Episodes;
using Rollbook.StepLog;

namespace Rollbook.Azure;

/// <summary>
/// The headers in a table, a row each. The partition is the last three characters of the episode's id, which are random: 32,768 partitions, so that no server has all the new episodes, as it would
/// have by the ids' own order.
/// </summary>
/// <param name="table">The table.</param>
/// <param name="serviceId">The cluster's service id: what keeps the headers of two recorders in one table apart.</param>
/// <param name="time">For pauses between tries.</param>
public sealed partial class AzureHeaderStore(TableClient table, string serviceId, TimeProvider time) : IHeaderStore
{
    /// <inheritdoc/>
    public async ValueTask<EpisodeHeader?> ReadAsync(EpisodeKey key, CancellationToken cancellation)
    {
        var (partition, row) = Keys(key);
        return await TableRows.FindAsync(table, partition, row, cancellation) is { } entity ? Header(key, entity) : null;
    }

    /// <inheritdoc/>
    public async ValueTask<EpisodeHeader?> WriteAsync(EpisodeHeader header, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(header);
        cancellation.ThrowIfCancellationRequested();
        if (header.ETag is not null && !TableRows.IsETag(header.ETag)) return null;
        // A copy: the caller's list may change while the write is on its way.
        var stored = header with { Extents = [.. header.Extents] };
        var entity = Entity(stored);
        ETag? old = header.ETag is null ? null : new ETag(header.ETag);
        var written = await ConditionalWrite.RunAsync(() => TableRows.PutAsync(table, entity, old, cancellation), () => ReadBackAsync(stored), time, cancellation);
        return written is { } version ? stored with { ETag = version.ToString() } : null;
    }

    private async Task<ETag?> ReadBackAsync(EpisodeHeader wanted)
    {
        var read = await ReadAsync(wanted.Key, CancellationToken.None);
        return read is not null && read.Nonce == wanted.Nonce && read.Term == wanted.Term && read.Owner == wanted.Owner ? new ETag(read.ETag!) : null;
    }

    private TableEntity Entity(EpisodeHeader header)
    {
        var (partition, row) = Keys(header.Key);
        var entity = new TableEntity(partition, row)
        {
            ["Project"] = header.Key.Project,
            ["Term"] = header.Term,
            ["Owner"] = header.Owner.ToString(),
            ["State"] = (int)header.State,
            ["Nonce"] = header.Nonce,
        };
        ColumnChunks.Put(entity, "Extents", ExtentCodec.Encode(header.Extents));
        return entity;
    }

    private static EpisodeHeader Header(EpisodeKey key, TableEntity entity) => new()
    {
        Key = key,
        Term = entity.GetInt64("Term")!.Value,
        Owner = LogId.Parse(entity.GetString("Owner")),
        Extents = ExtentCodec.Decode(ColumnChunks.Bytes(entity, "Extents")),
        State = (HeaderState)entity.GetInt32("State")!.Value,
        Nonce = entity.GetString("Nonce"),
        ETag = entity.ETag.ToString(),
    };

    private (string Partition, string Row) Keys(EpisodeKey key)
    {
        var id = key.Id.ToString();
        return (TableKeys.Sanitize($"{serviceId}_{id[^3..]}"), $"{id}_{Project(key.Project)}");
    }

    // A tenant is its name's exact characters, of which a key takes only some. "~" begins no plain name, so none meets a hash.
    private static string Project(string project) =>
        PlainProject().IsMatch(project) ? project : "~" + Base64Url.EncodeToString(SHA256.HashData(Encoding.UTF8.GetBytes(project)));

    [GeneratedRegex(@"^[A-Za-z0-9._-]{1,128}\z")]
    private static partial Regex PlainProject();
}
