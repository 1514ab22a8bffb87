using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;
using DuckDB.NET.Data;
using DuckDB.NET.Native;

namespace Rollbook.Query;

/// <summary>
/// The process in which one statement of a user runs: it reads its job from the standard input, locks itself up, answers in frames on the standard output, and ends.
/// </summary>
/// <remarks>
/// Three walls, each by itself enough for what is known: the engine's own configuration (no external access beyond the pinned files, locked), the kernel's limits and
/// system-call filter (<see cref="WorkerLimits"/>), and the parent, which kills the process when its time is over. See DuckDB's "Securing DuckDB":
/// https://duckdb.org/docs/stable/operations_manual/securing_duckdb/overview
/// </remarks>
internal static class QueryWorker
{
    /// <summary>The hidden word on the command line that makes this process a worker.</summary>
    public const string Verb = "query-worker";

    private const int ChunkBytes = 64 * 1024;
    private const string OnlySelect =
        "Only one statement that reads is taken: SELECT, WITH, FROM, VALUES, DESCRIBE, SUMMARIZE, SHOW or EXPLAIN. PIVOT needs its values: PIVOT … ON x IN (…).";

    /// <summary>Runs one job.</summary>
    /// <returns>The exit code: 0, also for a statement that was refused.</returns>
    public static int Run(Stream input, Stream output)
    {
        if (ReadJob(input) is not { } job) return 1;
        EndWithParent(input);
        try
        {
            WorkerLimits.Apply(job);
            using var connection = new DuckDBConnection("DataSource=:memory:");
            connection.Open();
            Prepare(connection, job);
            Answer(connection, job, output);
        }
        catch (SqlRefusedException refused)
        {
            SqlFrame.Write(output, SqlFrameKind.Refused, SqlWire.Write(new SqlWire.Refused(refused.Refusal, refused.Message, refused.Line, refused.Column)));
        }
        catch (DuckDBException error)
        {
            SqlFrame.Write(output, SqlFrameKind.Refused, SqlWire.Write(SqlErrors.Of(error.Message, job.Sql)));
        }
        catch (OutOfMemoryException)
        {
            SqlFrame.Write(output, SqlFrameKind.Refused, SqlWire.Write(new SqlWire.Refused(SqlRefusal.Limit, SqlErrors.Memory, null, null)));
        }

        return 0;
    }

    private static SqlJob? ReadJob(Stream input)
    {
        var head = new byte[4];
        if (input.ReadAtLeast(head, head.Length, throwOnEndOfStream: false) < head.Length) return null;
        var bytes = new byte[BinaryPrimitives.ReadInt32LittleEndian(head)];
        return input.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false) < bytes.Length ? null : SqlJob.Read(bytes);
    }

    /// <summary>The parent holds the input open for as long as it wants the answer: a parent that was killed must leave no worker.</summary>
    private static void EndWithParent(Stream input)
    {
        var watch = new Thread(() =>
        {
            input.ReadByte();
            Environment.Exit(1);
        })
        { IsBackground = true };
        watch.Start();
    }

    private static void Prepare(DuckDBConnection connection, SqlJob job)
    {
        Run(connection, $"SET memory_limit = '{job.Megabytes}MiB'; SET threads = {job.Threads}");
        Run(connection, "SET max_temp_directory_size = '0B'; SET temp_directory = ''");
        Run(connection, "SET autoinstall_known_extensions = false; SET autoload_known_extensions = false; SET allow_community_extensions = false");
        ArchiveViews.Create(connection, job);
        var files = job.Episodes.Concat(job.SealedSteps).Concat(job.PackedSteps).Concat(job.Scores);
        Run(connection, $"SET allowed_paths = [{string.Join(", ", files.Select(ArchiveViews.Quote))}]");
        Run(connection, "SET enable_external_access = false");
        Run(connection, "SET errors_as_json = true");
        Run(connection, "SET lock_configuration = true");
    }

    private static void Answer(DuckDBConnection connection, SqlJob job, Stream output)
    {
        Check(connection, job.Sql);
        using var command = connection.CreateCommand();
        command.CommandText = job.Sql;
        // Rows are given as they come: the whole answer would have to fit into memory.
        command.UseStreamingMode = true;
        using var reader = command.ExecuteReader();
        var names = Enumerable.Range(0, reader.FieldCount).Select(reader.GetName).ToList();
        SqlFrame.Write(output, SqlFrameKind.Columns, Columns(reader, names));
        using var rows = new SqlRowWriter(job.Format, names);
        long count = 0, bytes = 0;
        var truncated = false;
        while (reader.Read())
        {
            if (count == job.MaxRows || bytes + rows.Written.Length >= job.MaxBytes)
            {
                truncated = true;
                break;
            }

            try
            {
                rows.Write(reader);
            }
            catch (Exception error) when (error is InvalidOperationException or ArgumentException or NotSupportedException or InvalidCastException or OverflowException)
            {
                throw new SqlRefusedException(SqlRefusal.Bad, $"A value has a type or range that can't be given: write to_json(x) or CAST(x AS VARCHAR). {error.Message}");
            }

            count++;
            if (rows.Written.Length < ChunkBytes) continue;
            bytes += rows.Written.Length;
            SqlFrame.Write(output, SqlFrameKind.Rows, rows.Written.Span);
            rows.Taken();
        }

        SqlFrame.Write(output, SqlFrameKind.Rows, rows.Written.Span);
        SqlFrame.Write(output, SqlFrameKind.Done, SqlWire.Write(new SqlWire.Done(count, truncated)));
    }

    /// <summary>Refuses what is not one statement that reads.</summary>
    private static void Check(DuckDBConnection connection, string sql)
    {
        var count = NativeMethods.ExtractStatements.DuckDBExtractStatements(connection.NativeConnection, sql, out var statements);
        using (statements)
        {
            if (count == 0 && NativeMethods.ExtractStatements.DuckDBExtractStatementsError(statements) is { Length: > 0 } error) throw SqlErrors.Exception(error, sql);
            if (count != 1) throw new SqlRefusedException(SqlRefusal.Bad, OnlySelect);
            if (NativeMethods.ExtractStatements.DuckDBPrepareExtractedStatement(connection.NativeConnection, statements, 0, out var prepared) != DuckDBState.Success)
            {
                using (prepared) throw SqlErrors.Exception(NativeMethods.PreparedStatements.DuckDBPrepareError(prepared), sql);
            }

            using (prepared)
            {
                if ((DuckDBStatementType)StatementType(prepared) is not (DuckDBStatementType.Select or DuckDBStatementType.Explain))
                    throw new SqlRefusedException(SqlRefusal.Bad, OnlySelect);
                if (NativeMethods.PreparedStatements.DuckDBParams(prepared) > 0) throw new SqlRefusedException(SqlRefusal.Bad, "The statement has parameters: write the values.");
            }
        }
    }

    private static byte[] Columns(DuckDBDataReader reader, List<string> names)
    {
        using var stream = new MemoryStream();
        using (var writer = new Utf8JsonWriter(stream))
        {
            writer.WriteStartArray();
            for (var i = 0; i < names.Count; i++)
            {
                writer.WriteStartObject();
                writer.WriteString("name"u8, names[i]);
                writer.WriteString("type"u8, reader.GetDataTypeName(i).ToUpperInvariant());
                writer.WriteEndObject();
            }

            writer.WriteEndArray();
        }

        return stream.ToArray();
    }

    private static void Run(DuckDBConnection connection, FormattableString sql) => Run(connection, FormattableString.Invariant(sql));

    private static void Run(DuckDBConnection connection, string sql)
    {
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }

    // The library that the bindings load; they don't have this call.
    [DllImport("duckdb", EntryPoint = "duckdb_prepared_statement_type")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.AssemblyDirectory | DllImportSearchPath.SafeDirectories)]
    private static extern int StatementType(DuckDBPreparedStatement statement);
}
