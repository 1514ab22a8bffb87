using System.Diagnostics;
using Rollbook.Testing;
using Rollbook.Testing.Query;

namespace Rollbook.Silo.Tests.Http.Query;

/// <summary>T27: what a statement must not do, against the real worker process.</summary>
public sealed class HostileSqlTests
{
    private const string Elsewhere = "ELSEWHERE";

    /// <summary>Each must be refused. ELSEWHERE stands for a file of another project.</summary>
    private static readonly string[] Denied =
    [
        // Files.
        "SELECT * FROM read_csv('/etc/passwd')", "SELECT * FROM read_csv_auto('/etc/passwd')", "SELECT * FROM '/etc/passwd'", "SELECT * FROM read_text('/etc/passwd')",
        "SELECT * FROM read_blob('/etc/passwd')", "SELECT * FROM read_text('/proc/self/environ')", "SELECT * FROM read_json('/etc/passwd')", "SELECT * FROM glob('/etc/*')",
        "SELECT * FROM sniff_csv('/etc/passwd')", "SELECT * FROM read_text('../../../../etc/passwd')", "SELECT * FROM query('FROM read_text(''/etc/passwd'')')",
        "SELECT * FROM query_table('/etc/passwd')", "SELECT content FROM read_text('/dev/stdin')", "SELECT * FROM read_duckdb('/etc/passwd')",
        "SELECT * FROM parquet_metadata('ELSEWHERE')", "SELECT * FROM parquet_schema('ELSEWHERE')", "SELECT * FROM parquet_kv_metadata('ELSEWHERE')",
        // Other projects.
        "SELECT * FROM read_parquet('ELSEWHERE')", "SELECT * FROM 'ELSEWHERE'", "SELECT * FROM read_parquet(['ELSEWHERE'])", "SELECT * FROM read_text('ELSEWHERE')",
        "SELECT * FROM glob('ELSEWHERE')", "SELECT * FROM read_parquet('OWN/../secret/e1')", "SELECT * FROM read_parquet('OWN/*')",
        // Writing.
        "COPY (SELECT 1) TO '/tmp/rollbook-t27'", "COPY episodes TO 'out.csv'", "EXPORT DATABASE 'out'", "EXPLAIN ANALYZE COPY (SELECT 1) TO 'out.csv'", "CREATE TABLE t AS SELECT 1",
        "CREATE OR REPLACE VIEW episodes AS SELECT 1", "INSERT INTO held.live SELECT * FROM held.live", "DELETE FROM held.live", "UPDATE held.live SET worker = 'x'", "DROP VIEW episodes",
        "TRUNCATE held.live", "CREATE MACRO m() AS 1", "CREATE TYPE t AS ENUM ('a')", "ALTER TABLE held.live ADD COLUMN x INTEGER", "CREATE SEQUENCE s",
        // Other databases, extensions, the network.
        "ATTACH '/tmp/rollbook-t27.db' AS x", "ATTACH ':memory:' AS x", "DETACH memory", "INSTALL httpfs", "LOAD httpfs", "INSTALL httpfs FROM community", "FORCE INSTALL json",
        "LOAD '/tmp/evil.duckdb_extension'", "SELECT * FROM read_csv('https://example.com/x.csv')", "SELECT * FROM read_parquet('s3://bucket/x')", "SELECT * FROM 'http://169.254.169.254/latest/meta-data/'",
        "SELECT * FROM sqlite_scan('/tmp/x', 't')", "SELECT * FROM postgres_scan('', '', '')", "CREATE SECRET s (TYPE s3, KEY_ID 'a', SECRET 'b')", "SELECT * FROM duckdb_secrets()", "SELECT * FROM which_secret('s3://x', 's3')",
        // Settings and the process.
        "SET memory_limit = '100GB'", "SET threads = 64", "SET enable_external_access = true", "SET lock_configuration = false", "SET temp_directory = '/tmp'", "RESET allowed_paths",
        "SET GLOBAL allowed_directories = ['/']", "PRAGMA enable_profiling", "PRAGMA profiling_output = '/tmp/rollbook-t27'", "PRAGMA database_list; SELECT 1", "SET log_query_path = '/tmp/rollbook-t27'",
        "SET home_directory = '/'", "CALL pragma_version()", "CALL enable_logging(storage = 'file')", "SELECT getenv('HOME')", "SELECT getenv('PATH')", "CHECKPOINT", "VACUUM",
        "BEGIN", "PREPARE p AS SELECT 1", "EXECUTE p", "DEALLOCATE p", "USE system", "SET VARIABLE x = 1", "IMPORT DATABASE '/tmp'", "PRAGMA import_database('/tmp')",
        // Several statements, none, and parameters.
        "SELECT 1; SELECT 2", "SELECT 1; COPY (SELECT 1) TO '/tmp/rollbook-t27'", "", ";", "-- nothing", "SELECT $1", "SELECT ?",
    ];

    /// <summary>Each would take for ever, or all memory. None may end otherwise than by a limit.</summary>
    private static readonly string[] Endless =
    [
        "WITH RECURSIVE t(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM t) SELECT count(*) FROM t",
        "WITH RECURSIVE t(i, s) AS (SELECT 1, 'x' UNION ALL SELECT i + 1, s || s FROM t) SELECT max(length(s)) FROM t",
        "SELECT count(*) FROM range(1000000) a, range(1000000) b, range(1000000) c",
        "SELECT sum(sin(a.range * b.range)) FROM range(1000000) a, range(1000000) b",
        "SELECT a.range, b.range FROM range(100000000) a CROSS JOIN range(1000) b ORDER BY random()",
        "SELECT list(range) FROM range(10000000000)",
        "SELECT string_agg(repeat('x', 1000000), '') FROM range(1000000)",
        "SELECT repeat('x', 4000000000)",
        "SELECT sum(levenshtein(repeat('ab', 20000), repeat('ba', 20000) || range)) FROM range(1000000)",
        "SELECT count(DISTINCT hash(range)) FROM range(100000000000)",
    ];

    [Fact]
    public async Task Query_WhatIsDenied_IsRefusedAndChangesNothing()
    {
        await using var server = await QueryServer.StartAsync(options => options.ConcurrentSql = 2);
        var own = Path.Combine(server.Directory, "default");
        var failures = new List<string>();
        foreach (var sql in Denied)
        {
            var (status, json) = await server.RunAsync(sql.Replace(Elsewhere, Path.Combine(server.Directory, "secret/e1"), StringComparison.Ordinal).Replace("OWN", own, StringComparison.Ordinal));
            if (status != 400 || (string?)json!["code"] != "bad_sql") failures.Add($"{sql}: {status} {json}");
            if (json!.ToJsonString().Contains("other-tenant", StringComparison.Ordinal) || json.ToJsonString().Contains("root:", StringComparison.Ordinal)) failures.Add($"{sql}: leaked {json}");
        }

        Assert.Empty(failures);
        Assert.False(File.Exists("/tmp/rollbook-t27"));
        Assert.Equal("[[11]]", await server.RowsAsync("SELECT count(*) FROM episodes"));
        Figures.Report("T27", $"{Denied.Length} forbidden statements, all refused by the worker process; 0 rows of another project");
    }

    [Fact]
    public async Task Query_WhatIsEndless_IsEndedByALimit()
    {
        await using var server = await QueryServer.StartAsync(options =>
        {
            options.SqlSeconds = 3;
            options.SqlMegabytes = 128;
        });
        var longest = TimeSpan.Zero;
        foreach (var sql in Endless)
        {
            var began = Stopwatch.GetTimestamp();
            var (status, json) = await server.RunAsync(sql);
            longest = TimeSpan.FromSeconds(Math.Max(longest.TotalSeconds, Stopwatch.GetElapsedTime(began).TotalSeconds));
            // The engine refuses some at once, as a value that is too long.
            Assert.True((status, (string?)json!["code"]) is (422, "query_limit") or (400, "bad_sql"), $"{sql}: {status} {json.ToJsonString()[..Math.Min(300, json.ToJsonString().Length)]}");
        }

        Assert.Equal("[[11]]", await server.RowsAsync("SELECT count(*) FROM episodes"));
        Figures.Report("T27", $"{Endless.Length} endless statements, all ended by a limit of 3 s or 128 MiB; the longest took {longest.TotalSeconds:0.0} s");
    }

    [Fact]
    public async Task Query_WhenTheWorkerCrashes_OnlyThatStatementFails()
    {
        await using var server = await QueryServer.StartAsync();

        // A pointer that leads nowhere: the engine follows it.
        var (status, json) = await server.RunAsync("SELECT * FROM arrow_scan(1::POINTER, 1::POINTER, 1::POINTER)");

        Assert.True(status is 400 or 422 or 503, $"{status} {json}");
        Assert.Equal("[[11]]", await server.RowsAsync("SELECT count(*) FROM episodes"));
    }

    [Fact]
    public async Task Query_WhenTooManyRun_IsBusy()
    {
        await using var server = await QueryServer.StartAsync(options => options.ConcurrentSql = 1);
        var entered = new TaskCompletionSource();
        var release = new TaskCompletionSource();
        server.Sources.OnPin = async (_, _) =>
        {
            entered.TrySetResult();
            await release.Task;
        };
        var first = server.RunAsync("SELECT 1");
        await entered.Task;

        var (status, problem) = await server.RunAsync("SELECT 1");
        release.SetResult();

        Assert.Equal((429, "busy", true), (status, (string)problem!["code"]!, (bool)problem["retry"]!));
        Assert.Equal(200, (await first).Status);
        Assert.Equal(200, (await server.RunAsync("SELECT 1")).Status);
    }

    [Fact]
    public async Task Query_WhenTheCallerGoes_ItsPlaceIsFree()
    {
        await using var server = await QueryServer.StartAsync(options =>
        {
            options.ConcurrentSql = 1;
            options.SqlSeconds = 3600;
        });
        using (var gone = new CancellationTokenSource())
        {
            var entered = new TaskCompletionSource();
            server.Sources.OnPin = (_, _) =>
            {
                entered.TrySetResult();
                return Task.CompletedTask;
            };
            var call = server.SendAsync(Endless[2], "application/json", gone.Token);
            await entered.Task;
            await gone.CancelAsync();
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => call);
        }

        // Long before the hour that the statement would have had.
        using var limit = new CancellationTokenSource(TimeSpan.FromMinutes(2));
        int status;
        do
        {
            limit.Token.ThrowIfCancellationRequested();
            (status, _) = await server.RunAsync("SELECT 1");
        }
        while (status == 429);
        Assert.Equal(200, status);
    }

    [Fact]
    public async Task Worker_WhileItRuns_IsLockedUpByTheKernel()
    {
        if (!OperatingSystem.IsLinux()) Assert.Skip("The kernel's walls are Linux's.");
        const string Secret = "ROLLBOOK_TEST_SECRET";
        Environment.SetEnvironmentVariable(Secret, "key");
        await using var server = await QueryServer.StartAsync(options => options.SqlSeconds = 3600);
        using var gone = new CancellationTokenSource();
        var call = server.SendAsync(Endless[2], "application/json", gone.Token);
        using var limit = new CancellationTokenSource(TimeSpan.FromMinutes(2));
        string? worker;
        while ((worker = Workers().FirstOrDefault(path => Read(path, "status").Contains("Seccomp:\t2", StringComparison.Ordinal))) is null)
        {
            Assert.False(limit.IsCancellationRequested, "No worker took its filter of system calls.");
            Assert.False(call.IsCompleted, "The statement ended before its worker was seen.");
            await Task.Yield();
        }

        var (status, limits, environment) = (Read(worker, "status"), Read(worker, "limits"), Read(worker, "environ").Split('\0', StringSplitOptions.RemoveEmptyEntries));
        await gone.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => call);

        Assert.Contains("NoNewPrivs:\t1", status, StringComparison.Ordinal);
        Assert.Matches("Max core file size +0 +0 ", limits);
        Assert.Matches("Max file size +0 +0 ", limits);
        Assert.Matches(@"Max address space +\d+ +\d+ ", limits);
        Assert.Matches(@"Max cpu time +\d+ +\d+ ", limits);
        Assert.All(environment, pair => Assert.True(pair.StartsWith("DOTNET_", StringComparison.Ordinal) || pair.StartsWith("HOME=", StringComparison.Ordinal) || pair.StartsWith("TMPDIR=", StringComparison.Ordinal), pair));
        while (Directory.Exists(worker))
        {
            Assert.False(limit.IsCancellationRequested, "The worker outlived its caller.");
            await Task.Yield();
        }
    }

    [Fact]
    public async Task Query_SeesNothingOfTheSilosEnvironment()
    {
        await using var server = await QueryServer.StartAsync();
        var settings = await server.RowsAsync("SELECT name, value FROM duckdb_settings() WHERE name IN ('enable_external_access', 'lock_configuration', 'allow_community_extensions', 'autoload_known_extensions', 'autoinstall_known_extensions', 'temp_directory', 'allowed_directories') ORDER BY name");

        Assert.Equal(
            """[["allow_community_extensions","false"],["allowed_directories","[]"],["autoinstall_known_extensions","false"],["autoload_known_extensions","false"],["enable_external_access","false"],["lock_configuration","true"],["temp_directory",""]]""",
            settings);
    }

    /// <summary>Processes that this one started as workers.</summary>
    private static IEnumerable<string> Workers() => Directory.EnumerateDirectories("/proc").Where(path =>
        int.TryParse(Path.GetFileName(path), out _)
        && Read(path, "cmdline").Contains("query-worker", StringComparison.Ordinal)
        && Read(path, "status").Contains($"PPid:\t{Environment.ProcessId}\n", StringComparison.Ordinal));

    private static string Read(string process, string file)
    {
        try
        {
            return File.ReadAllText(Path.Combine(process, file));
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            // It has ended.
            return "";
        }
    }
}
