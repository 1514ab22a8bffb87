using System.Net;

namespace Rollbook.Silo.Hosting;

/// <summary>How far the recorder can be reached, and what is open then.</summary>
internal static class Exposure
{
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

    private static bool IsLoopback(string host) =>
        host.Equals("localhost", StringComparison.OrdinalIgnoreCase)
        || (IPAddress.TryParse(host.Trim('[', ']'), out var address) && IPAddress.IsLoopback(address));
}
