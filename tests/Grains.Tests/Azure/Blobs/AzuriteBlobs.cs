using Azure.Core.Pipeline;
using Azure.Storage.Blobs;
using Microsoft.Extensions.Options;
using Rollbook.Archive;
using Rollbook.Azure;
using Rollbook.StepLog;
using Rollbook.Testing;

namespace Rollbook.Grains.Tests.Azure.Blobs;

/// <summary>Containers of the emulator, a new one for each test.</summary>
internal static class AzuriteBlobs
{
    public static AzureBlobs Connect(Azurite azurite, params HttpPipelinePolicy[] policies) => new(
        Options.Create(new AzureOptions { ConnectionString = azurite.ConnectionString }),
        Options.Create(new AzureBlobOptions { LogContainer = Azurite.NewName("log"), ArchiveContainer = Azurite.NewName("archive") }),
        policies);

    public static IObjectContainer NewContainer(Azurite azurite, params HttpPipelinePolicy[] policies) => new AzureBlobContainer(Made(Connect(azurite, policies).Log));

    public static IStoreSubject<IArchiveStore> NewArchive(Azurite azurite, params HttpPipelinePolicy[] policies)
    {
        var blobs = Connect(azurite, policies);
        Made(blobs.Archive);
        var directory = new TempDirectory();
        return new ReopenedSubject<IArchiveStore>(() => new OwningArchive(blobs, Path.Combine(directory.Path, "cache")), directory);
    }

    private static BlobContainerClient Made(BlobContainerClient container)
    {
        container.CreateIfNotExists();
        return container;
    }

    /// <summary>An archive that closes its cache with itself.</summary>
    private sealed class OwningArchive(AzureBlobs blobs, FileCache files)
        : DelegatingArchiveStore(new BlobArchiveStore(blobs.Archive, blobs.ArchiveOnce, files, TimeProvider.System)), IDisposable
    {
        public OwningArchive(AzureBlobs blobs, string directory)
            : this(blobs, new FileCache(directory, 1 << 20, TimeProvider.System))
        {
        }

        void IDisposable.Dispose()
        {
            files.Dispose();
            Dispose();
        }
    }
}
