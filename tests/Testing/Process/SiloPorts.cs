using System.Net;
using System.Net.Sockets;

namespace Rollbook.Testing;

/// <summary>Where a recorder is found again after a restart; port 0 = any.</summary>
/// <param name="Silo">The silo's own port.</param>
/// <param name="Gateway">The gateway's.</param>
/// <param name="Http">The API's.</param>
internal readonly record struct SiloPorts(int Silo, int Gateway, int Http = 0)
{
    private readonly string? host;

    /// <summary>The address of the API.</summary>
    public string Host
    {
        get => host ?? "127.0.0.1";
        init => host = value;
    }

    /// <summary>Three that are free now.</summary>
    public static SiloPorts Free()
    {
        using TcpListener one = new(IPAddress.Loopback, 0), two = new(IPAddress.Loopback, 0), three = new(IPAddress.Loopback, 0);
        return new SiloPorts(Port(one), Port(two), Port(three));
    }

    private static int Port(TcpListener listener)
    {
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
