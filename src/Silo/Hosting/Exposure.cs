using System.Net;

namespace Rollbook.Silo.Hosting;

/// <summary>How far the recorder can be reached, and what is open then.</summary>
internal static class Exposure
{
    private static readonly IPNetwork[] Private =
    [
        .. new[] { "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10", "169.254.0.0/16", "fc00::/7", "fe80::/10" }.Select(static n => IPNetwork.Parse(n)),
    ];

    /// <summary>What is open to others at an address, each a sentence without its full stop; empty where nothing is.</summary>
    public static IEnumerable<string> Of(RollbookOptions options, BindingAddress address)
    {
        if (IsLoopback(address.Host)) yield break;
        if (!options.RequireKeys) yield return "nobody is asked for a key: anyone can read and write every episode";
        if (address.Scheme != "https" && !options.TlsAtProxy) yield return "keys and episodes travel unencrypted";
    }

    /// <summary>What is open to others at any of the recorder's addresses.</summary>
    public static IReadOnlyList<string> Of(RollbookOptions options) =>
        [.. AddressesOf(options).SelectMany(url => Of(options, BindingAddress.Parse(url))).Distinct()];

    /// <summary>The addresses of the HTTP API.</summary>
    public static string[] AddressesOf(RollbookOptions options) =>
        options.Urls.Split([';', ','], StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);

    /// <summary>Whether an address is of a network that no packet of the internet is routed to: RFC 1918, RFC 6598 (shared), RFC 4193, or link-local.</summary>
    public static bool IsPrivate(IPAddress address) => Private.Any(network => network.Contains(address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address));

    private static bool IsLoopback(string host) =>
        host.Equals("localhost", StringComparison.OrdinalIgnoreCase)
        || (IPAddress.TryParse(host.Trim('[', ']'), out var address) && IPAddress.IsLoopback(address));
}
