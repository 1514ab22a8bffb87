using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Rollbook.Embedded;
using Rollbook.Episodes;
using Rollbook.StepLog;
using Rollbook.Testing;
using Xunit;

namespace Rollbook.Grains.Tests.Embedded;

/// <summary>
/// SIGKILL in mid-load: this test program starts itself with the explicit fact <see cref="Load"/>, reads from a socket which claims were
/// acknowledged there, kills it, and looks for each of them in the file.
/// </summary>
public sealed class SqliteKillTests
{
    private const string DirectoryVariable = "ROLLBOOK_TEST_DIRECTORY", PortVariable = "ROLLBOOK_TEST_PORT";
    private const int Workers = 64;

    [Fact]
    public async Task Kill_InMidLoad_LosesNoAcknowledgedClaim()
    {
        using var directory = new TempDirectory();
        var random = new Random(20);
        var acked = new Dictionary<int, (long Term, string ETag)>();
        for (var round = 0; round < 3; round++)
        {
            var before = acked.Values.Sum(ack => ack.Term);
            await RunAndKillAsync(directory.Path, random.Next(500, 4000), acked);
            Assert.True(acked.Values.Sum(ack => ack.Term) >= before + 500, "the load made no way");
            await CheckAsync(directory.Path, acked);
        }
    }

    /// <summary>The load. It never ends by itself.</summary>
    [Fact(Explicit = true)]
    public async Task Load()
    {
        using var client = new TcpClient();
        await client.ConnectAsync(IPAddress.Loopback, int.Parse(Environment.GetEnvironmentVariable(PortVariable)!, CultureInfo.InvariantCulture));
        using var writer = new StreamWriter(client.GetStream()) { AutoFlush = true };
        using var database = new SqliteDatabase(new SqliteDatabaseOptions
        {
            Directory = Environment.GetEnvironmentVariable(DirectoryVariable)!,
            CallsPerCheckpoint = 100,
        });
        var store = new SqliteHeaderStore(database);
        var gate = new Lock();
        await Task.WhenAll(Enumerable.Range(0, Workers).Select(worker => Task.Run(async () =>
        {
            var header = await store.ReadAsync(Key(worker), CancellationToken.None)
                ?? new EpisodeHeader { Key = Key(worker), Term = 0, Owner = default, Extents = [], Nonce = "" };
            while (true)
            {
                var term = header.Term + 1;
                header = (await store.WriteAsync(
                    header with { Term = term, Extents = [.. header.Extents.TakeLast(3), new Extent(term, new LogId((UInt128)term))], Nonce = $"{term}" },
                    CancellationToken.None))!;
                lock (gate) writer.WriteLine($"{worker} {term} {header.ETag}");
            }
        })));
    }

    private static EpisodeKey Key(int worker) => new("default", new EpisodeId((UInt128)(worker + 1) << 64));

    private static async Task RunAndKillAsync(string directory, int acksBeforeKill, Dictionary<int, (long Term, string ETag)> acked)
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var start = new ProcessStartInfo(Path.Combine(AppContext.BaseDirectory, "Rollbook.Grains.Tests"))
        {
            ArgumentList = { "-explicit", "only", "-method", $"{typeof(SqliteKillTests).FullName}.{nameof(Load)}" },
            RedirectStandardOutput = true,
        };
        start.Environment[DirectoryVariable] = directory;
        start.Environment[PortVariable] = ((IPEndPoint)listener.LocalEndpoint).Port.ToString(CultureInfo.InvariantCulture);
        using var child = Process.Start(start)!;
        using var timeout = new CancellationTokenSource(TimeSpan.FromSeconds(120), TimeProvider.System);
        try
        {
            using var connection = await listener.AcceptTcpClientAsync(timeout.Token);
            using var reader = new StreamReader(connection.GetStream());
            for (var count = 0; await ReadAckAsync(reader, timeout.Token) is var (worker, term, etag); count++)
            {
                acked[worker] = (term, etag);
                if (count == acksBeforeKill) child.Kill();
            }
        }
        finally
        {
            child.Kill();
            await child.WaitForExitAsync(timeout.Token);
        }
    }

    /// <summary>The next whole line; null at the end, where the kill may have cut one.</summary>
    private static async Task<(int Worker, long Term, string ETag)?> ReadAckAsync(StreamReader reader, CancellationToken cancellation)
    {
        string? line;
        try
        {
            line = await reader.ReadLineAsync(cancellation);
        }
        catch (IOException)
        {
            return null;
        }

        // An ETag has 22 characters.
        if (line?.Split(' ') is not [var worker, var term, { Length: 22 } etag]) return null;
        return (int.Parse(worker, CultureInfo.InvariantCulture), long.Parse(term, CultureInfo.InvariantCulture), etag);
    }

    private static async Task CheckAsync(string directory, Dictionary<int, (long Term, string ETag)> acked)
    {
        using var database = new SqliteDatabase(new SqliteDatabaseOptions { Directory = directory });
        var store = new SqliteHeaderStore(database);
        Assert.Equal(Workers, acked.Count);
        foreach (var (worker, (term, etag)) in acked)
        {
            var header = await store.ReadAsync(Key(worker), CancellationToken.None);
            Assert.NotNull(header);
            // The claim after the last acknowledged one may have been committed, too; no later one was asked for.
            Assert.InRange(header.Term, term, term + 1);
            Assert.Equal($"{header.Term}", header.Nonce);
            Assert.Equal(header.Term, header.Extents[^1].Term);
            if (header.Term == term) Assert.Equal(etag, header.ETag);
        }
    }
}
