using System.Globalization;
using Microsoft.Data.Sqlite;

namespace Rollbook.Embedded;

/// <summary>
/// The tables and their versions. The version is SQLite's <c>user_version</c>, which changes in the same transaction as the tables;
/// <c>application_id</c> tells our files from others. Migrations only go forwards, and one that was released is never changed.
/// </summary>
internal static class SqliteSchema
{
    /// <summary>"RBK1", read as a big-endian number.</summary>
    public const int ApplicationId = 0x52424B31;

    private static readonly string[] Migrations =
    [
        """
        CREATE TABLE headers (
            project TEXT NOT NULL,
            id      BLOB NOT NULL,
            term    INTEGER NOT NULL,
            owner   BLOB NOT NULL,
            extents BLOB NOT NULL,
            state   INTEGER NOT NULL,
            nonce   TEXT NOT NULL,
            etag    TEXT NOT NULL,
            PRIMARY KEY (project, id)
        ) STRICT, WITHOUT ROWID;

        CREATE TABLE logs (
            log         BLOB NOT NULL PRIMARY KEY,
            address     TEXT NOT NULL,
            generation  INTEGER NOT NULL,
            boot_id     TEXT NOT NULL,
            process_id  INTEGER NOT NULL,
            created_at  INTEGER NOT NULL,
            state       INTEGER NOT NULL,
            fence       INTEGER,
            trimmed_to  INTEGER NOT NULL,
            failures    INTEGER NOT NULL,
            quarantined INTEGER,
            etag        TEXT NOT NULL
        ) STRICT, WITHOUT ROWID;

        CREATE TABLE grain_state (
            provider TEXT NOT NULL,
            name     TEXT NOT NULL,
            grain    TEXT NOT NULL,
            data     BLOB NOT NULL,
            etag     TEXT NOT NULL,
            PRIMARY KEY (provider, name, grain)
        ) STRICT;
        """,
    ];

    /// <summary>The version that this release writes.</summary>
    public static int Current => Migrations.Length;

    /// <summary>Brings the database to <see cref="Current"/>.</summary>
    /// <exception cref="SqliteSchemaException">It is newer than this release, or no Rollbook database.</exception>
    public static void Migrate(SqliteConnection connection)
    {
        Execute(connection, "BEGIN IMMEDIATE");
        try
        {
            var version = Read(connection, "PRAGMA user_version");
            var application = Read(connection, "PRAGMA application_id");
            var empty = Read(connection, "SELECT count(*) FROM sqlite_master") == 0;
            if (application != ApplicationId && !(empty && application == 0 && version == 0))
                throw new SqliteSchemaException($"{connection.DataSource} is not a Rollbook database: move it away, or give another data directory.");
            if (version > Current)
                throw new SqliteSchemaException(
                    $"{connection.DataSource} has schema {version}, and this release knows up to {Current}: start the newer release that wrote it, or one after it.");

            if (version < Current)
            {
                foreach (var migration in Migrations.AsSpan((int)version)) Execute(connection, migration);
                Execute(connection, string.Create(CultureInfo.InvariantCulture, $"PRAGMA application_id = {ApplicationId}"));
                Execute(connection, string.Create(CultureInfo.InvariantCulture, $"PRAGMA user_version = {Current}"));
            }

            Execute(connection, "COMMIT");
        }
        catch (SqliteSchemaException)
        {
            Execute(connection, "ROLLBACK");
            throw;
        }
    }

    private static void Execute(SqliteConnection connection, string sql)
    {
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }

    private static long Read(SqliteConnection connection, string sql)
    {
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        return (long)command.ExecuteScalar()!;
    }
}
