using Azure;
using Azure.Core;
using Azure.Core.Pipeline;
using Azure.Data.Tables;
using Azure.Identity;
using Microsoft.Extensions.Options;

namespace Rollbook.Azure;

/// <summary>
/// The tables of the storage account. Reads are sent again where no answer came; a conditional write never is, here: only who knows what it wrote can tell its own success from
/// another's (see <see cref="ConditionalWrite"/>).
/// </summary>
public sealed class AzureTables
{
    private readonly AzureOptions _options;
    private readonly TableServiceClient _service;

    /// <summary>Connects to nothing yet.</summary>
    /// <param name="options">The account.</param>
    /// <param name="policies">Each call passes them, once: for counting, and for tests.</param>
    public AzureTables(IOptions<AzureOptions> options, IEnumerable<HttpPipelinePolicy> policies)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(policies);
        _options = options.Value;
        var client = new TableClientOptions { RetryPolicy = new TableRetries() };
        client.Retry.NetworkTimeout = TimeSpan.FromSeconds(_options.TimeoutSeconds);
        foreach (var policy in policies) client.AddPolicy(policy, HttpPipelinePosition.PerCall);
        _service = Connect(_options, client);
    }

    /// <summary>The silos.</summary>
    public TableClient Membership => Table(_options.MembershipTable);

    /// <summary>The grains' state.</summary>
    public TableClient GrainState => Table(_options.GrainStateTable);

    /// <summary>The episodes' headers.</summary>
    public TableClient Headers => Table(_options.HeaderTable);

    /// <summary>The registry of logs.</summary>
    public TableClient Logs => Table(_options.LogTable);

    /// <summary>A table by its name.</summary>
    public TableClient Table(string name) => _service.GetTableClient(name);

    /// <summary>Makes a table, or looks whether it is there where tables are made by another hand.</summary>
    /// <exception cref="InvalidOperationException">It can't be used; the message names the cure.</exception>
    public async Task PrepareAsync(TableClient table, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(table);
        try
        {
            if (_options.CreateTables) await table.CreateIfNotExistsAsync(cancellation);
            else await TableRows.FindAsync(table, "-", "-", cancellation);
        }
        catch (Exception e) when (e is RequestFailedException or AuthenticationFailedException or AggregateException)
        {
            var cause = (e as RequestFailedException)?.ErrorCode ?? e.Message;
            throw new InvalidOperationException(
                $"The table {table.Name} at {_service.Uri} can't be used ({cause}). Check the account in Rollbook:Azure, that this host reaches it, and that the identity of the process has the "
                + "role 'Storage Table Data Contributor'; where Rollbook:Azure:CreateTables is false, that the table is there.",
                e);
        }
    }

    private static TableServiceClient Connect(AzureOptions options, TableClientOptions client)
    {
        if (options.UseEmulator) return new TableServiceClient("UseDevelopmentStorage=true", client);
        if (options.ConnectionString is { } text) return new TableServiceClient(text, client);
        TokenCredential credential = new DefaultAzureCredential(new DefaultAzureCredentialOptions { ManagedIdentityClientId = options.ManagedIdentityClientId });
        return new TableServiceClient(options.TableServiceUri ?? new Uri($"https://{options.AccountName}.table.core.windows.net"), credential, client);
    }
}
