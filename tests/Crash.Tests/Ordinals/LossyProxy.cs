using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;

namespace Rollbook.Crash.Tests;

/// <summary>Stands between a client and the recorder, and loses answers: the request was carried out, the connection breaks.</summary>
internal sealed class LossyProxy : IAsyncDisposable
{
    private readonly TcpListener listener = new(IPAddress.Loopback, 0);
    private readonly ConcurrentBag<TcpClient> sockets = [];
    private readonly Uri recorder;
    private readonly Task accepting;
    private int toLose;
    private int lost;

    public LossyProxy(Uri recorder)
    {
        this.recorder = recorder;
        listener.Start();
        accepting = AcceptAsync();
    }

    public Uri Address => new($"http://127.0.0.1:{((IPEndPoint)listener.LocalEndpoint).Port}");

    /// <summary>Answers lost so far.</summary>
    public int Lost => lost;

    /// <summary>Loses the next answers.</summary>
    public void Lose(int answers) => Interlocked.Exchange(ref toLose, answers);

    public async ValueTask DisposeAsync()
    {
        listener.Stop();
        foreach (var socket in sockets) socket.Dispose();
        await accepting;
    }

    private async Task AcceptAsync()
    {
        var connections = new List<Task>();
        try
        {
            while (true) connections.Add(ServeAsync(await listener.AcceptTcpClientAsync()));
        }
        catch (Exception stopped) when (stopped is SocketException or ObjectDisposedException)
        {
            await Task.WhenAll(connections);
        }
    }

    private async Task ServeAsync(TcpClient client)
    {
        using var server = new TcpClient();
        sockets.Add(client);
        sockets.Add(server);
        try
        {
            await server.ConnectAsync(IPAddress.Loopback, recorder.Port);
            await Task.WhenAny(client.GetStream().CopyToAsync(server.GetStream()), AnswerAsync(server.GetStream(), client.GetStream()));
        }
        catch (Exception broken) when (broken is SocketException or IOException or ObjectDisposedException)
        {
            // Either side went away, which is what this proxy is for.
        }
        finally
        {
            client.Dispose();
        }
    }

    private async Task AnswerAsync(NetworkStream server, NetworkStream client)
    {
        var buffer = new byte[64 * 1024];
        int read;
        while ((read = await server.ReadAsync(buffer)) > 0)
        {
            if (Interlocked.Decrement(ref toLose) >= 0)
            {
                Interlocked.Increment(ref lost);
                return;
            }

            await client.WriteAsync(buffer.AsMemory(0, read));
        }
    }
}
