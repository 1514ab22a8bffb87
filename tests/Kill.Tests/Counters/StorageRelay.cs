using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Text.RegularExpressions;

namespace Rollbook.Kill.Tests;

/// <summary>Stands between silos and the emulator at an address of the test's choice, and knows every request.</summary>
internal sealed partial class StorageRelay : IAsyncDisposable
{
    private readonly ConcurrentQueue<(string Method, string Target)> requests = [];
    private readonly ConcurrentBag<TcpClient> sockets = [];
    private readonly List<TcpListener> listeners = [];
    private readonly List<Task> accepting = [];
    private readonly SemaphoreSlim arrived = new(0);
    private Func<string, string, bool> awaited = static (_, _) => false;

    /// <summary>Listens from now on.</summary>
    /// <param name="connectionString">The emulator's.</param>
    /// <param name="address">Where silos find it.</param>
    public StorageRelay(string connectionString, IPAddress address) => ConnectionString = Endpoint().Replace(connectionString, match =>
    {
        var listener = new TcpListener(address, 0);
        listener.Start();
        listeners.Add(listener);
        accepting.Add(AcceptAsync(listener, int.Parse(match.Groups[1].ValueSpan, System.Globalization.CultureInfo.InvariantCulture)));
        return $"http://{listener.LocalEndpoint}/";
    });

    /// <summary>The connection string for those who come this way.</summary>
    public string ConnectionString { get; }

    /// <summary>All requests so far, in the order in which they came, with unescaped targets.</summary>
    public IReadOnlyCollection<(string Method, string Target)> Requests => requests;

    /// <summary>Forgets what came.</summary>
    public void Clear() => requests.Clear();

    /// <summary>Returns when so many more requests of a kind have come.</summary>
    public async Task MoreAsync(int count, Func<string, string, bool> which, string what)
    {
        awaited = which;
        while (arrived.Wait(0))
        {
        }

        for (; count > 0; count--)
            if (!await arrived.WaitAsync(TimeSpan.FromSeconds(60))) throw new TimeoutException($"No request came within 60 s: {what}.");
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        foreach (var listener in listeners) listener.Stop();
        foreach (var socket in sockets) socket.Dispose();
        await Task.WhenAll(accepting);
        arrived.Dispose();
    }

    private async Task AcceptAsync(TcpListener listener, int port)
    {
        var connections = new List<Task>();
        try
        {
            while (true) connections.Add(ServeAsync(await listener.AcceptTcpClientAsync(), port));
        }
        catch (Exception stopped) when (stopped is SocketException or ObjectDisposedException)
        {
            await Task.WhenAll(connections);
        }
    }

    private async Task ServeAsync(TcpClient client, int port)
    {
        using var server = new TcpClient();
        sockets.Add(client);
        sockets.Add(server);
        try
        {
            client.NoDelay = server.NoDelay = true;
            await server.ConnectAsync(IPAddress.Loopback, port);
            await Task.WhenAny(ForwardAsync(client.GetStream(), server.GetStream()), server.GetStream().CopyToAsync(client.GetStream()));
        }
        catch (Exception broken) when (broken is SocketException or IOException or ObjectDisposedException)
        {
            // Either side went away: silos are killed, and networks cut.
        }
        finally
        {
            client.Dispose();
        }
    }

    private async Task ForwardAsync(NetworkStream client, NetworkStream server)
    {
        var scan = new RequestScan(Count);
        var buffer = new byte[64 * 1024];
        int read;
        while ((read = await client.ReadAsync(buffer)) > 0)
        {
            scan.Feed(buffer.AsSpan(0, read));
            await server.WriteAsync(buffer.AsMemory(0, read));
        }
    }

    private void Count(string method, string target)
    {
        requests.Enqueue((method, target));
        if (awaited(method, target)) arrived.Release();
    }

    [GeneratedRegex(@"http://127\.0\.0\.1:(\d+)/")]
    private static partial Regex Endpoint();
}
