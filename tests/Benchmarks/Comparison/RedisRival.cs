using System.Buffers.Text;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Rollbook.Cli;

namespace Rollbook.Benchmarks;

/// <summary>Redis Streams, a stream an episode, <c>appendfsync always</c>: an answer comes after the append-only file's flush. A connection an episode, batches pipelined.</summary>
internal sealed class RedisRival : Rival
{
    private readonly ServerProcess server;
    private readonly int port;
    private readonly HashSet<int> episodes = [];

    private RedisRival(ServerProcess server, int port)
    {
        this.server = server;
        this.port = port;
    }

    public override string Name => "Redis Streams, appendfsync always";

    public static async Task<Rival> StartAsync(string directory)
    {
        var port = ServerProcess.FreePort();
        var server = ServerProcess.Start(
            directory, ServerProcess.Find("redis-server", "/usr/bin"), "--port", $"{port}", "--bind", "127.0.0.1", "--dir", directory, "--appendonly", "yes",
            "--appendfsync", "always", "--save", "", "--auto-aof-rewrite-percentage", "0", "--maxclients", "12000");
        var rival = new RedisRival(server, port);
        await using var ready = await server.ReadyAsync(() => Connection.OpenAsync(port));
        return rival;
    }

    public override async Task<IEpisodeWriter> OpenAsync(int episode)
    {
        lock (episodes) episodes.Add(episode);
        return await Connection.OpenAsync(port);
    }

    public override async Task<long> CountAsync()
    {
        await using var connection = await Connection.OpenAsync(port);
        var count = 0L;
        foreach (var episode in episodes) count += await connection.LengthAsync(episode);
        return count;
    }

    public override double CpuSeconds() => server.CpuSeconds();

    public override ValueTask DisposeAsync() => server.DisposeAsync();

    private sealed class Connection(Socket socket) : IEpisodeWriter
    {
        private readonly byte[] answer = new byte[8192];
        private byte[] request = new byte[4096];

        public static async Task<Connection> OpenAsync(int port)
        {
            var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
            try
            {
                await socket.ConnectAsync(new IPEndPoint(IPAddress.Loopback, port));
                return new Connection(socket);
            }
            catch
            {
                socket.Dispose();
                throw;
            }
        }

        public async Task AppendAsync(StepPool pool, LoadEpisode episode)
        {
            var size = StepPool.Length(episode.Next, episode.Pending) + (episode.Pending * 128);
            if (request.Length < size) request = new byte[size];
            var length = Write(pool, episode);
            for (var sent = 0; sent < length;) sent += await socket.SendAsync(request.AsMemory(sent, length - sent));
            // $20\r\n1763890000250-0\r\n for each: its head, then its id.
            var lines = 2 * episode.Pending;
            while (lines > 0)
            {
                var read = await socket.ReceiveAsync(answer);
                if (read == 0) throw new IOException("Redis closed the connection.");
                if (answer.AsSpan(0, read).Contains((byte)'-') && answer[0] == (byte)'-') throw new IOException($"Redis refused: {Encoding.ASCII.GetString(answer, 0, read)}");
                lines -= answer.AsSpan(0, read).Count((byte)'\n');
            }
        }

        public async Task<long> LengthAsync(int episode)
        {
            var key = $"episode:{episode}";
            await socket.SendAsync(Encoding.ASCII.GetBytes($"*2\r\n$4\r\nXLEN\r\n${key.Length}\r\n{key}\r\n"));
            var read = await socket.ReceiveAsync(answer);
            // :12\r\n
            return Utf8Parser.TryParse(answer.AsSpan(1, read - 1), out long count, out _) ? count : throw new IOException($"Redis answered {Encoding.ASCII.GetString(answer, 0, read)}");
        }

        public ValueTask DisposeAsync()
        {
            socket.Dispose();
            return ValueTask.CompletedTask;
        }

        private int Write(StepPool pool, LoadEpisode episode)
        {
            var at = 0;
            var key = $"episode:{episode.Number}";
            for (var i = 0; i < episode.Pending; i++)
            {
                var ordinal = episode.Next + i;
                at += Encoding.ASCII.GetBytes($"*5\r\n$4\r\nXADD\r\n${key.Length}\r\n{key}\r\n$1\r\n*\r\n$4\r\nstep\r\n${StepPool.Length(ordinal)}\r\n", request.AsSpan(at));
                at += pool.Write(episode.Number, ordinal, request.AsSpan(at));
                request[at++] = (byte)'\r';
                request[at++] = (byte)'\n';
            }

            return at;
        }
    }
}
