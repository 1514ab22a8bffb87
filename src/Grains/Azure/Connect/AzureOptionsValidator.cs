using System.Text.RegularExpressions;
using Azure.Data.Tables;
using Microsoft.Extensions.Options;

namespace Rollbook.Azure;

/// <summary>Refuses a storage account that can't work, with the key and the cure.</summary>
internal sealed partial class AzureOptionsValidator : IValidateOptions<AzureOptions>
{
    /// <inheritdoc/>
    public ValidateOptionsResult Validate(string? name, AzureOptions options)
    {
        string?[] faults = [SourceFault(options), .. AccountFaults(options), .. TableFaults(options)];
        var found = faults.OfType<string>().ToList();
        return found.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(found);
    }

    private static string? SourceFault(AzureOptions options)
    {
        string[] named =
        [
            .. options.ConnectionString is null ? (string[])[] : ["ConnectionString"],
            .. options.AccountName is null && options.TableServiceUri is null ? (string[])[] : [options.AccountName is null ? "TableServiceUri" : "AccountName"],
            .. options.UseEmulator ? (string[])["UseEmulator"] : [],
        ];
        return named.Length switch
        {
            1 => null,
            0 => "Rollbook:Azure names no storage account. Set Rollbook:Azure:AccountName (reached with the identity of the process), Rollbook:Azure:ConnectionString, or Rollbook:Azure:UseEmulator.",
            _ => $"Rollbook:Azure names the storage account more than once, by {string.Join(" and ", named)}. Keep one of them.",
        };
    }

    private static IEnumerable<string?> AccountFaults(AzureOptions options)
    {
        if (options.ConnectionString is { } text && !IsConnectionString(text))
            yield return "Rollbook:Azure:ConnectionString is no connection string of a storage account with tables. Copy it again, as one line: DefaultEndpointsProtocol=https;AccountName=…;AccountKey=…";
        if (options.AccountName is { } account && !AccountPattern().IsMatch(account))
            yield return $"Rollbook:Azure:AccountName is '{account}': 3 to 24 lower-case letters and digits are expected, without a host. Use Rollbook:Azure:TableServiceUri for another cloud.";
        foreach (var (key, uri) in new[] { (nameof(options.TableServiceUri), options.TableServiceUri), (nameof(options.BlobServiceUri), options.BlobServiceUri) })
        {
            if (uri is not null && !(uri.IsAbsoluteUri && uri.Scheme == Uri.UriSchemeHttps))
                yield return $"Rollbook:Azure:{key} is '{uri}': a whole https address is expected, since the process's identity is sent to it.";
        }
    }

    private static IEnumerable<string?> TableFaults(AzureOptions options)
    {
        foreach (var (key, name) in options.Tables)
        {
            if (!TablePattern().IsMatch(name ?? ""))
                yield return $"Rollbook:Azure:{key} is '{name}': 3 to 63 letters and digits are expected, a letter first.";
        }

        // The service doesn't tell upper from lower case in names of tables.
        foreach (var twice in options.Tables.GroupBy(table => table.Name, StringComparer.OrdinalIgnoreCase).Where(group => group.Count() > 1))
            yield return $"{string.Join(" and ", twice.Select(table => $"Rollbook:Azure:{table.Key}"))} are both '{twice.Key}'. Give each a table of its own.";
    }

    private static bool IsConnectionString(string text)
    {
        try
        {
            return new TableServiceClient(text).Uri is not null;
        }
        catch (Exception e) when (e is FormatException or InvalidOperationException or ArgumentException)
        {
            return false;
        }
    }

    // Names of accounts and tables: https://learn.microsoft.com/azure/azure-resource-manager/management/resource-name-rules#microsoftstorage
    [GeneratedRegex("^[a-z0-9]{3,24}$")]
    private static partial Regex AccountPattern();

    [GeneratedRegex("^[A-Za-z][A-Za-z0-9]{2,62}$")]
    private static partial Regex TablePattern();
}
