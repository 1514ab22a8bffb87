using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Rollbook.Archive;
using Rollbook.Azure;
using Rollbook.StepLog;
using Rollbook.Testing;
using Xunit;

namespace Rollbook.Grains.Tests.Azure.Blobs;

public sealed class AzureBlobHostingTests(Azurite azurite)
{
    [Fact]
    public async Task AddAzureBlobs_WithAnAccount_KeepLogAndArchiveInIt()
    {
        using var directory = new TempDirectory();
        await using var services = Build(new()
        {
            ["Rollbook:Azure:ConnectionString"] = azurite.ConnectionString,
            ["Rollbook:Azure:Blobs:LogContainer"] = Azurite.NewName("log"),
            ["Rollbook:Azure:Blobs:ArchiveContainer"] = Azurite.NewName("archive"),
            ["Rollbook:Azure:Blobs:CacheDirectory"] = directory.Path,
        });
        var blobs = services.GetRequiredService<AzureBlobs>();
        await blobs.PrepareAsync(blobs.Log, CancellationToken.None);
        await blobs.PrepareAsync(blobs.Archive, CancellationToken.None);
        var feed = new ChunkFeed(new LogId(9));
        await feed.AppendAsync(services.GetRequiredService<IStepLogStorage>(), 2);
        await services.GetRequiredService<ILogIndexStore>().PutAsync(feed.Log, "tails", new byte[] { 1 }, CancellationToken.None);
        Assert.True(await services.GetRequiredService<IArchiveStore>().PutAsync("projects/p/a", static (_, _) => Task.CompletedTask, CancellationToken.None));

        Assert.Equal(3, blobs.Log.GetBlobs().Count());
        Assert.Single(blobs.Archive.GetBlobs());
        Assert.Equal(50, services.GetRequiredService<IOptions<StepLogOptions>>().Value.CommitMilliseconds);
    }

    [Fact]
    public void AddAzureBlobStepLog_WithAnIntervalOfTheUser_KeepsIt()
    {
        using var services = Build(new() { ["Rollbook:StepLog:CommitMilliseconds"] = "20" });

        Assert.Equal(20, services.GetRequiredService<IOptions<StepLogOptions>>().Value.CommitMilliseconds);
    }

    [Theory]
    [InlineData("Rollbook:Azure:Blobs:LogContainer", "Upper")]
    [InlineData("Rollbook:Azure:Blobs:ArchiveContainer", "two--dashes")]
    [InlineData("Rollbook:Azure:Blobs:CacheBytes", "1000")]
    public void AddAzureBlobs_WithABadValue_NameTheKey(string key, string value)
    {
        using var services = Build(new() { ["Rollbook:Azure:UseEmulator"] = "true", [key] = value });
        var refused = Assert.Throws<OptionsValidationException>(() => services.GetRequiredService<IOptions<AzureBlobOptions>>().Value);

        Assert.Contains(key, refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task PrepareAsync_OfAMissingContainerThatAnotherHandMakes_NamesTheCure()
    {
        await using var services = Build(new()
        {
            ["Rollbook:Azure:ConnectionString"] = azurite.ConnectionString,
            ["Rollbook:Azure:Blobs:LogContainer"] = Azurite.NewName("log"),
            ["Rollbook:Azure:Blobs:CreateContainers"] = "false",
        });
        var blobs = services.GetRequiredService<AzureBlobs>();
        var refused = await Assert.ThrowsAsync<InvalidOperationException>(() => blobs.PrepareAsync(blobs.Log, CancellationToken.None));

        Assert.Contains("ContainerNotFound", refused.Message, StringComparison.Ordinal);
        Assert.Contains("CreateContainers", refused.Message, StringComparison.Ordinal);
    }

    private static ServiceProvider Build(Dictionary<string, string?> settings)
    {
        var services = new ServiceCollection();
        services.AddSingleton<IConfiguration>(new ConfigurationBuilder().AddInMemoryCollection(settings).Build());
        services.AddOptions<StepLogOptions>().BindConfiguration("Rollbook:StepLog");
        services.AddAzureBlobStepLog().AddAzureBlobArchive();
        return services.BuildServiceProvider();
    }
}
