using Azure.Storage.Blobs;

namespace Rollbook.Azure;

/// <summary>Makes the containers before anything of the silo asks for them, so that an account which can't be used fails the start.</summary>
internal sealed class AzureContainersStart(AzureBlobs blobs, Func<AzureBlobs, BlobContainerClient> container) : ILifecycleParticipant<ISiloLifecycle>
{
    /// <inheritdoc/>
    public void Participate(ISiloLifecycle lifecycle) =>
        lifecycle.Subscribe<AzureContainersStart>(ServiceLifecycleStage.RuntimeInitialize, cancellation => blobs.PrepareAsync(container(blobs), cancellation));
}
