using System.Net;
using System.Net.Sockets;

namespace Rollbook.Silo.Hosting;

/// <summary>Finds free ports for what can't bind to port 0 itself.</summary>
internal static class FreePorts
{
    /// <summary>The wanted ports, each 0 among them replaced by a port that is free on loopback now.</summary>
    public static int[] Resolve(params ReadOnlySpan<int> wanted)
    {
        var held = new List<Socket>();
        try
        {
            var ports = wanted.ToArray();
            for (var i = 0; i < ports.Length; i++)
            {
                if (ports[i] != 0) continue;
                var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
                held.Add(socket);
                socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
                ports[i] = ((IPEndPoint)socket.LocalEndPoint!).Port;
            }

            return ports;
        }
        finally
        {
            // All are held until the last is known, so that no two are the same.
            held.ForEach(socket => socket.Dispose());
        }
    }
}
