using Azure;
using Azure.Core;
using Azure.Core.Pipeline;
using Azure.Identity;
using Azure.Storage.Blobs;
using Microsoft.Extensions.Options;

namespace Rollbook.Azure;

/// <summary>The containers of the storage account.</summary>
public sealed class AzureBlobs
{
    private static readonly TimeSpan LongestUpload = TimeSpan.FromMinutes(5);

    private readonly AzureBlobOptions _options;
    private readonly BlobServiceClient _once;
    private readonly BlobServiceClient _patient;

    /// <summary>Connects to nothing yet.</summary>
    /// <param name="account">The account.</param>
    /// <param name="options">The containers.</param>
    /// <param name="policies">Each call passes them, once: for counting, and for tests.</param>
    public AzureBlobs(IOptions<AzureOptions> account, IOptions<AzureBlobOptions> options, IEnumerable<HttpPipelinePolicy> policies)
    {
        ArgumentNullException.ThrowIfNull(account);
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(policies);
        _options = options.Value;
        var all = policies.ToList();
        var once = new BlobClientOptions { Retry = { MaxRetries = 0, NetworkTimeout = TimeSpan.FromSeconds(account.Value.TimeoutSeconds) } };
        var patient = new BlobClientOptions { Retry = { MaxRetries = 5, Delay = TimeSpan.FromMilliseconds(200), MaxDelay = TimeSpan.FromSeconds(5), NetworkTimeout = LongestUpload } };
        foreach (var policy in all)
        {
            once.AddPolicy(policy, HttpPipelinePosition.PerCall);
            patient.AddPolicy(policy, HttpPipelinePosition.PerCall);
        }

        (_once, _patient) = (Connect(account.Value, once), Connect(account.Value, patient));
    }

    /// <summary>The step log. No call is sent again by itself: only the log knows whether its own first try was applied.</summary>
    public BlobContainerClient Log => _once.GetBlobContainerClient(_options.LogContainer);

    /// <summary>The archive, for what may be sent again.</summary>
    public BlobContainerClient Archive => _patient.GetBlobContainerClient(_options.ArchiveContainer);

    /// <summary>The archive, for conditional writes that may not.</summary>
    public BlobContainerClient ArchiveOnce => _once.GetBlobContainerClient(_options.ArchiveContainer);

    /// <summary>Makes a container, or looks whether it is there where containers are made by another hand.</summary>
    /// <exception cref="InvalidOperationException">It can't be used; the message names the cure.</exception>
    public async Task PrepareAsync(BlobContainerClient container, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(container);
        try
        {
            if (_options.CreateContainers) await container.CreateIfNotExistsAsync(cancellationToken: cancellation);
            else await container.GetPropertiesAsync(cancellationToken: cancellation);
        }
        catch (Exception e) when (e is RequestFailedException or AuthenticationFailedException or AggregateException)
        {
            var cause = (e as RequestFailedException)?.ErrorCode ?? e.Message;
            throw new InvalidOperationException(
                $"The container {container.Name} at {_once.Uri} can't be used ({cause}). Check the account in {AzureOptions.Section}, that this host reaches it, and that the identity of the "
                + $"process has the role 'Storage Blob Data Contributor'; where {AzureBlobOptions.Section}:CreateContainers is false, that the container is there.",
                e);
        }
    }

    private static BlobServiceClient Connect(AzureOptions account, BlobClientOptions client)
    {
        if (account.UseEmulator) return new BlobServiceClient("UseDevelopmentStorage=true", client);
        if (account.ConnectionString is { } text) return new BlobServiceClient(text, client);
        if (account.BlobServiceUri is null && account.AccountName is null)
            throw new InvalidOperationException($"{AzureOptions.Section}:BlobServiceUri is missing: set it beside TableServiceUri, or set {AzureOptions.Section}:AccountName.");
        TokenCredential credential = new DefaultAzureCredential(new DefaultAzureCredentialOptions { ManagedIdentityClientId = account.ManagedIdentityClientId });
        return new BlobServiceClient(account.BlobServiceUri ?? new Uri($"https://{account.AccountName}.blob.core.windows.net"), credential, client);
    }
}
