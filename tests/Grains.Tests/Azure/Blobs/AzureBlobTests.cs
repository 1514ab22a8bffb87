using Rollbook.Testing;
using Xunit;

namespace Rollbook.Grains.Tests.Azure.Blobs;

public sealed class AzureBlobContainerTests(Azurite azurite) : ObjectContainerConformance(AzuriteBlobs.NewContainer(azurite));

public sealed class AzureBlobStepLogTests(Azurite azurite) : StepLogStorageConformance(ObjectDevices.Log(AzuriteBlobs.NewContainer(azurite)));

public sealed class AzureBlobLogIndexStoreTests(Azurite azurite) : LogIndexStoreConformance(ObjectDevices.Indexes(AzuriteBlobs.NewContainer(azurite)));

public sealed class BlobArchiveStoreTests(Azurite azurite) : ArchiveStoreConformance(AzuriteBlobs.NewArchive(azurite));

/// <summary>The suites see a client that leaves its conditions out: without these tests a suite that checks nothing would pass.</summary>
public sealed class BrokenBlobTests(Azurite azurite)
{
    [Fact]
    public async Task ArchiveStoreConformance_WithoutConditions_FailsWhereTheyMatter()
    {
        var failed = await Suite.FailuresAsync(() => new StrippedArchive(azurite));

        Assert.Contains(nameof(ArchiveStoreConformance.PutAsync_WhenPresent_AnswersFalseAndKeepsTheFirst), failed);
        Assert.Contains(nameof(ArchiveStoreConformance.ReplaceAsync_WithAStaleETag_LosesAndKeepsTheNewer), failed);
        Assert.DoesNotContain(nameof(ArchiveStoreConformance.PutAsync_WhenNew_IsThereWhole), failed);
    }

    [Fact]
    public async Task StepLogStorageConformance_WithoutConditions_FailsWhereTheyMatter()
    {
        var failed = await Suite.FailuresAsync(() => new StrippedLog(azurite));

        Assert.Contains(nameof(StepLogStorageConformance.FenceAsync_WhenTheWriterLives_EndsTheLogForGood), failed);
        Assert.DoesNotContain(nameof(StepLogStorageConformance.AppendAsync_WhenAcknowledged_AllChunksSoFarAreRead), failed);
    }

    private sealed class StrippedArchive(Azurite azurite) : ArchiveStoreConformance(AzuriteBlobs.NewArchive(azurite, new StripConditions()));

    private sealed class StrippedLog(Azurite azurite) : StepLogStorageConformance(ObjectDevices.Log(AzuriteBlobs.NewContainer(azurite, new StripConditions())));
}
