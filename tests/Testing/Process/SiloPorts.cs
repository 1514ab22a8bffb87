using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;

namespace Rollbook.Testing;

/// <summary>Where a recorder is found again after a restart; port 0 = any.</summary>
/// <param name="Silo">The silo's own port.</param>
/// <param name="Gateway">The gateway's.</param>
/// <param name="Http">The API's.</param>
internal readonly record struct SiloPorts(int Silo, int Gateway, int Http = 0)
{
    // Below those that systems give to outgoing connections, of which a load makes hundreds: one of them would take a silo's port while nobody listens there.
    private const int Lowest = 12_000;
    private const int Above = 32_000;

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
        using TcpListener one = Listen(), two = Listen(), three = Listen();
        return new SiloPorts(Port(one), Port(two), Port(three));
    }

    private static TcpListener Listen()
    {
        while (true)
        {
            var listener = new TcpListener(IPAddress.Loopback, RandomNumberGenerator.GetInt32(Lowest, Above));
            try
            {
                listener.Start();
                return listener;
            }
            catch (SocketException taken) when (taken.SocketErrorCode is SocketError.AddressAlreadyInUse or SocketError.AccessDenied)
            {
                listener.Dispose();
            }
        }
    }

    private static int Port(TcpListener listener) => ((IPEndPoint)listener.LocalEndpoint).Port;
}
