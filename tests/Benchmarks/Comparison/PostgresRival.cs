using Npgsql;
using NpgsqlTypes;
using Rollbook.Cli;

namespace Rollbook.Benchmarks;

/// <summary>PostgreSQL, a row a step with the primary key (episode, ordinal), <c>synchronous_commit=on</c>: an INSERT a step, or one of many rows. A connection an episode, 100 of them.</summary>
internal sealed class PostgresRival : Rival
{
    private readonly ServerProcess server;
    private readonly NpgsqlDataSource source;

    private PostgresRival(ServerProcess server, NpgsqlDataSource source)
    {
        this.server = server;
        this.source = source;
    }

    public override string Name => "PostgreSQL, synchronous_commit=on";

    // A process a connection: a thousand of them are slower on two cores, not faster.
    public override int MaxEpisodes => 100;

    public static async Task<Rival> StartAsync(string directory)
    {
        var initdb = ServerProcess.Find("initdb", "/usr/lib/postgresql/15/bin");
        var postgres = ServerProcess.Find("postgres", "/usr/lib/postgresql/15/bin");
        // It refuses to run as the superuser; the account of Debian's package takes its place.
        string[] account = Environment.UserName == "root" ? [ServerProcess.Find("setpriv", "/usr/bin"), "--reuid=postgres", "--regid=postgres", "--clear-groups"] : [];
        if (account.Length > 0)
        {
            await ServerProcess.RunAsync(directory, "chown", "postgres", directory);
            await ServerProcess.RunAsync(directory, "chmod", "o+x", Path.GetDirectoryName(directory)!);
        }

        var data = Path.Combine(directory, "pg");
        await ServerProcess.RunAsync(directory, [.. account, initdb, "-D", data, "-A", "trust", "-U", "bench", "--encoding=UTF8", "--locale=C"]);
        var port = ServerProcess.FreePort();
        var server = ServerProcess.Start(
            directory, [.. account, postgres, "-D", data, "-p", $"{port}", "-c", "listen_addresses=127.0.0.1", "-c", $"unix_socket_directories={directory}",
                "-c", "max_connections=200", "-c", "shared_buffers=512MB", "-c", "max_wal_size=8GB", "-c", "synchronous_commit=on", "-c", "fsync=on"]);
        var source = NpgsqlDataSource.Create($"Host=127.0.0.1;Port={port};Username=bench;Database=postgres;Maximum Pool Size=150;Timeout=30;Max Auto Prepare=4;Auto Prepare Min Usages=1");
        var rival = new PostgresRival(server, source);
        await server.ReadyAsync(() => rival.ExecuteAsync("CREATE TABLE steps (episode int, ordinal bigint, step text NOT NULL, PRIMARY KEY (episode, ordinal))"));
        return rival;
    }

    public override async Task<IEpisodeWriter> OpenAsync(int episode) => new Writer(await source.OpenConnectionAsync());

    public override async Task<long> CountAsync()
    {
        await using var command = source.CreateCommand("SELECT count(*) FROM steps");
        return (long)(await command.ExecuteScalarAsync())!;
    }

    public override double CpuSeconds() => server.CpuSeconds();

    public override async ValueTask DisposeAsync()
    {
        await source.DisposeAsync();
        await server.DisposeAsync();
    }

    private async Task<int> ExecuteAsync(string sql)
    {
        await using var command = source.CreateCommand(sql);
        return await command.ExecuteNonQueryAsync();
    }

    private sealed class Writer : IEpisodeWriter
    {
        private readonly NpgsqlConnection connection;
        private readonly NpgsqlCommand command;
        private readonly byte[] json = new byte[StepPool.MaxBytes];

        public Writer(NpgsqlConnection connection)
        {
            this.connection = connection;
            command = new NpgsqlCommand("INSERT INTO steps SELECT $1, * FROM unnest($2, $3)", connection)
            {
                Parameters =
                {
                    new() { NpgsqlDbType = NpgsqlDbType.Integer },
                    new() { NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Bigint },
                    new() { NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Text },
                },
            };
        }

        public async Task AppendAsync(StepPool pool, LoadEpisode episode)
        {
            var ordinals = new long[episode.Pending];
            var steps = new string[episode.Pending];
            for (var i = 0; i < episode.Pending; i++)
            {
                ordinals[i] = episode.Next + i;
                steps[i] = System.Text.Encoding.ASCII.GetString(json, 0, pool.Write(episode.Number, ordinals[i], json));
            }

            command.Parameters[0].Value = episode.Number;
            command.Parameters[1].Value = ordinals;
            command.Parameters[2].Value = steps;
            await command.ExecuteNonQueryAsync();
        }

        public async ValueTask DisposeAsync()
        {
            await command.DisposeAsync();
            await connection.DisposeAsync();
        }
    }
}
