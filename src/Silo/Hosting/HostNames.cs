using System.Net;

namespace Rollbook.Silo.Hosting;

/// <summary>The names that a request's Host header may have: a page that resolves its own name to this machine has none of them.</summary>
internal static class HostNames
{
    /// <summary>Loopback names, the hosts of the addresses, and the configured ones.</summary>
    public static List<string> Of(RollbookOptions options)
    {
        var names = new List<string> { "localhost", "127.0.0.1", "[::1]" };
        foreach (var url in Split(options.Urls))
        {
            var host = BindingAddress.Parse(url).Host;
            // Addresses that stand for all are no names; the machine's own must then be configured.
            if (!IsAny(host)) names.Add(host);
        }

        names.AddRange(Split(options.AllowedHosts));
        return names;
    }

    private static bool IsAny(string host) =>
        host is "*" or "+" || (IPAddress.TryParse(host.Trim('[', ']'), out var address) && (address.Equals(IPAddress.Any) || address.Equals(IPAddress.IPv6Any)));

    private static string[] Split(string list) => list.Split([';', ','], StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
}
