using System.Net;
using System.Net.Sockets;

namespace Rollbook.Crash.Tests;

/// <summary>The ports of a recorder that a client finds again after a restart; 0 = any.</summary>
/// <param name="Silo">The silo's own.</param>
/// <param name="Gateway">The gateway's.</param>
internal readonly record struct SiloPorts(int Silo, int Gateway)
{
    /// <summary>Two that are free now.</summary>
    public static SiloPorts Free()
    {
        using var one = new TcpListener(IPAddress.Loopback, 0);
        using var two = new TcpListener(IPAddress.Loopback, 0);
        one.Start();
        two.Start();
        return new SiloPorts(((IPEndPoint)one.LocalEndpoint).Port, ((IPEndPoint)two.LocalEndpoint).Port);
    }
}
