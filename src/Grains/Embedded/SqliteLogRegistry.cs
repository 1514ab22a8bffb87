using Microsoft.Data.Sqlite;
using Rollbook.StepLog;

namespace Rollbook.Embedded;

/// <summary>The registry of logs in the embedded database.</summary>
/// <param name="database">The database; owned by the caller.</param>
public sealed class SqliteLogRegistry(SqliteDatabase database) : ILogRegistry
{
    private const string Columns = "log, address, generation, boot_id, process_id, created_at, state, fence, trimmed_to, failures, quarantined, etag";

    private const string Insert =
        $"INSERT INTO logs ({Columns}) VALUES ($log, $address, $generation, $boot, $process, $created, $state, $fence, $trimmed, $failures, $quarantined, $new) "
        + "ON CONFLICT DO NOTHING";

    private const string Replace =
        "UPDATE logs SET address = $address, generation = $generation, boot_id = $boot, process_id = $process, created_at = $created, state = $state, "
        + "fence = $fence, trimmed_to = $trimmed, failures = $failures, quarantined = $quarantined, etag = $new WHERE log = $log AND etag = $old";

    private const string SelectOne = $"SELECT {Columns} FROM logs WHERE log = $log";

    // A set of states as bits: one statement for every set.
    private const string SelectStates = $"SELECT {Columns} FROM logs WHERE ((1 << state) & $states) <> 0 ORDER BY log";

    /// <inheritdoc/>
    public ValueTask<bool> InsertAsync(LogRow row, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(row);
        return database.WriteAsync(new SqliteWrite(Insert, Values(row, ETags.New())), cancellation);
    }

    /// <inheritdoc/>
    public ValueTask<LogRow?> ReadAsync(LogId log, CancellationToken cancellation) => database.ReadAsync(
        log,
        static (session, log) => List(session.Bind(SelectOne, [("$log", Id128.ToBytes(log.Value))])).SingleOrDefault(),
        cancellation);

    /// <inheritdoc/>
    public async ValueTask<LogRow?> ReplaceAsync(LogRow row, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(row);
        if (row.ETag is null) return null;
        var etag = ETags.New();
        var won = await database.WriteAsync(new SqliteWrite(Replace, [.. Values(row, etag), ("$old", row.ETag)]), cancellation);
        return won ? row with { ETag = etag } : null;
    }

    /// <inheritdoc/>
    public ValueTask<IReadOnlyList<LogRow>> ListAsync(IReadOnlyCollection<LogState> states, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(states);
        return database.ReadAsync(
            states.Aggregate(0L, static (bits, state) => bits | (1L << (int)state)),
            static IReadOnlyList<LogRow> (session, bits) => List(session.Bind(SelectStates, [("$states", bits)])),
            cancellation);
    }

    private static (string Name, object? Value)[] Values(LogRow row, string etag) =>
    [
        ("$log", Id128.ToBytes(row.Log.Value)),
        ("$address", row.Address),
        ("$generation", row.Generation),
        ("$boot", row.BootId),
        ("$process", row.ProcessId),
        ("$created", row.CreatedAt),
        ("$state", (int)row.State),
        ("$fence", row.Fence),
        ("$trimmed", row.TrimmedTo),
        ("$failures", row.Failures),
        ("$quarantined", row.Quarantined),
        ("$new", etag),
    ];

    private static List<LogRow> List(SqliteCommand command)
    {
        var rows = new List<LogRow>();
        using var reader = command.ExecuteReader();
        while (reader.Read())
        {
            rows.Add(new LogRow
            {
                Log = new LogId(Id128.FromBytes(reader.GetFieldValue<byte[]>(0))),
                Address = reader.GetString(1),
                Generation = reader.GetInt64(2),
                BootId = reader.GetString(3),
                ProcessId = reader.GetInt32(4),
                CreatedAt = reader.GetInt64(5),
                State = (LogState)reader.GetInt32(6),
                Fence = reader.IsDBNull(7) ? null : reader.GetInt64(7),
                TrimmedTo = reader.GetInt64(8),
                Failures = reader.GetInt32(9),
                Quarantined = reader.IsDBNull(10) ? null : reader.GetInt64(10),
                ETag = reader.GetString(11),
            });
        }

        return rows;
    }
}
